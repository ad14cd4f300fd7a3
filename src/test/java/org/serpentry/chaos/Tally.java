// SPDX-License-Identifier: Apache-2.0
package org.serpentry.chaos;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.serpentry.api.PythonPoolException;

/** How the calls of a run have ended. Any thread may add. */
final class Tally {

  private static final int EXAMPLES = 10;

  private final Map<String, PendingCall> pending = new ConcurrentHashMap<>();
  private final LongAdder calls = new LongAdder();
  private final LongAdder successes = new LongAdder();
  private final LongAdder misdelivered = new LongAdder();
  private final LongAdder untyped = new LongAdder();
  private final LongAdder late = new LongAdder();
  private final AtomicLong latest = new AtomicLong();
  private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
  private final Set<Long> lively = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<String> examples = new ConcurrentLinkedQueue<>();

  /** A call begins; its token is unique. */
  void begin(PendingCall call) {
    calls.increment();
    pending.put(call.token(), call);
  }

  /** A call ended with the token that came back, null when the function returns none. */
  void answered(PendingCall call, Object token) {
    if (call.token().equals(token)) {
      successes.increment();
      lively.add(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime()));
    } else {
      misdelivered.increment();
      example("%s was answered %s".formatted(call, token));
    }
    ended(call);
  }

  /** A call ended otherwise. */
  void failed(PendingCall call, Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (String.valueOf(cause.getMessage()).contains(Contents.FOREIGN)) {
      misdelivered.increment();
      example("%s was given %s".formatted(call, cause.getMessage()));
    } else if (cause instanceof PythonPoolException failure) {
      typed(failure.getClass().getSimpleName());
    } else {
      untyped.increment();
      StringWriter text = new StringWriter();
      thrown.printStackTrace(new PrintWriter(text));
      example("%s ended untyped: %s".formatted(call, text));
    }
    ended(call);
  }

  /** A call's own caller cancelled it. */
  void cancelled(PendingCall call) {
    typed("(cancelled by its caller)");
    ended(call);
  }

  private void typed(String name) {
    failures.computeIfAbsent(name, key -> new LongAdder()).increment();
  }

  private void ended(PendingCall call) {
    call.end().complete(null);
    pending.remove(call.token());
    long over = System.nanoTime() - call.bound();
    if (over > 0) {
      late.increment();
      example("%s ended %s after its bound".formatted(call, Duration.ofNanos(over)));
    }
    latest.accumulateAndGet(System.nanoTime() - call.begin(), Math::max);
  }

  private void example(String text) {
    if (examples.size() < EXAMPLES) {
      examples.add(text);
    }
  }

  long calls() {
    return calls.sum();
  }

  long successes() {
    return successes.sum();
  }

  /** In how many seconds any call has succeeded. */
  int livelySeconds() {
    return lively.size();
  }

  long misdelivered() {
    return misdelivered.sum();
  }

  long untyped() {
    return untyped.sum();
  }

  /** Calls that ended after their bound, or have not ended. */
  long lost() {
    return late.sum() + pending.size();
  }

  /** The calls that have not ended. */
  List<PendingCall> pending() {
    return List.copyOf(pending.values());
  }

  Duration longest() {
    return Duration.ofNanos(latest.get());
  }

  Map<String, Long> failures() {
    Map<String, Long> sorted = new TreeMap<>();
    failures.forEach((name, count) -> sorted.put(name, count.sum()));
    return sorted;
  }

  List<String> examples() {
    return List.copyOf(examples);
  }

  /**
   * A call that has begun.
   *
   * @param token what it must return
   * @param what its function and limits, for messages
   * @param begin its {@code nanoTime}
   * @param bound the {@code nanoTime} by which it must have ended
   * @param end done when it has ended
   */
  record PendingCall(
      String token, String what, long begin, long bound, CompletableFuture<Void> end) {

    static PendingCall of(String token, String what, long begin, long bound) {
      return new PendingCall(token, what, begin, bound, new CompletableFuture<>());
    }

    /** Waits for its end, but not beyond its bound. */
    void awaitEnd() throws InterruptedException {
      try {
        end.get(bound - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        return; // It counts as lost.
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public String toString() {
      return what + " " + token;
    }
  }
}
