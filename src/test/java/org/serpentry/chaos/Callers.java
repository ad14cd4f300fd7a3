// SPDX-License-Identifier: Apache-2.0
package org.serpentry.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.serpentry.api.CircuitOpenException;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonType;
import org.serpentry.api.WorkerStartException;
import org.serpentry.chaos.Tally.PendingCall;
import org.serpentry.testing.Faults;
import org.serpentry.testing.TestPool;

/**
 * The threads that call: some synchronously, some keeping several asynchronous calls under way;
 * with deadlines, idempotent or not, some cancelled, some of functions that misbehave by
 * themselves.
 */
final class Callers {

  static final Duration CHECKOUT = Duration.ofSeconds(2);
  static final int RETRIES = 3;
  private static final Duration MARGIN = Duration.ofSeconds(5);
  private static final int IN_FLIGHT = 4;

  /** What a caller waits that has been told that nothing can be had. */
  private static final long PAUSE_NANOS = 20_000_000;

  private static final PythonType<Map<String, Object>> OBJECT = new PythonType<>() {};
  private static final PythonType<byte[]> BYTES = new PythonType<>() {};

  /** One of so many calls has bytes as its argument and as its result. */
  private static final int ONE_IN = 5;

  private final TestPool pool;
  private final Tally tally;
  private final long seed;
  private final boolean misbehaving;
  private final int places;
  private final List<Thread> threads = new ArrayList<>();
  private final Queue<Throwable> broken = new ConcurrentLinkedQueue<>();
  private volatile boolean stopping;

  /**
   * Callers of a pool.
   *
   * @param places how many calls a worker runs at once
   * @param misbehaving whether they also call functions that die, hang, flood and the like, and
   *     give some of their calls too little time
   */
  Callers(TestPool pool, Tally tally, long seed, int places, boolean misbehaving) {
    this.pool = pool;
    this.tally = tally;
    this.seed = seed;
    this.places = places;
    this.misbehaving = misbehaving;
  }

  void start(int synchronous, int asynchronous) {
    for (int i = 0; i < synchronous + asynchronous; i++) {
      int number = i;
      SplittableRandom random = new SplittableRandom(seed * 1000 + number);
      Thread thread =
          i < synchronous
              ? new Thread(() -> callOnAndOn(number, random), "caller-" + number)
              : new Thread(() -> callAsyncOnAndOn(number, random), "caller-" + number);
      threads.add(thread);
    }
    threads.forEach(thread -> thread.setUncaughtExceptionHandler((t, e) -> broken.add(e)));
    threads.forEach(Thread::start);
  }

  /** Interrupts one of the synchronous callers, whatever it is doing. */
  void interrupt(int target) {
    threads.get(target % threads.size()).interrupt();
  }

  /** Has them stop and waits for the end of all calls, at most until all their bounds are over. */
  void stop() throws InterruptedException {
    stopping = true;
    for (Thread thread : threads) {
      thread.join(CHECKOUT.multipliedBy(RETRIES + 1L).plus(MARGIN).plusSeconds(5).toMillis());
    }
    for (PendingCall call : tally.pending()) {
      call.awaitEnd();
    }
  }

  /** Where callers stand that have not returned, and why others ended before their time. */
  List<String> stuck() {
    List<String> found = new ArrayList<>();
    broken.forEach(e -> found.add(e + "\n  at " + List.of(e.getStackTrace())));
    for (Thread thread : threads) {
      if (thread.isAlive()) {
        found.add(thread.getName() + "\n  at " + List.of(thread.getStackTrace()));
      }
    }
    return found;
  }

  private void callOnAndOn(int number, SplittableRandom random) {
    for (long call = 0; !stopping; call++) {
      Planned planned = plan(number + ":" + call, random);
      tally.begin(planned.pending());
      try {
        tally.answered(planned.pending(), planned.token(planned.request().call(planned.type())));
      } catch (Throwable e) {
        tally.failed(planned.pending(), e);
        if (refused(e)) {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
      Thread.interrupted(); // The adversary's: it was for the call before.
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what ends in it is tallied within
  private void callAsyncOnAndOn(int number, SplittableRandom random) {
    Semaphore room = new Semaphore(IN_FLIGHT * places);
    AtomicBoolean refused = new AtomicBoolean();
    for (long call = 0; !stopping; call++) {
      room.acquireUninterruptibly();
      if (refused.getAndSet(false)) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      Planned planned = plan(number + ":" + call, random);
      tally.begin(planned.pending());
      boolean cancels = misbehaving && random.nextInt(20) == 0;
      CompletableFuture<?> future = planned.request().callAsync(planned.type());
      future.whenComplete(
          (value, failure) -> {
            if (failure == null) {
              tally.answered(planned.pending(), planned.token(value));
            } else if (cancels && failure instanceof CancellationException) {
              tally.cancelled(planned.pending());
            } else {
              tally.failed(planned.pending(), failure);
              if (refused(failure)) {
                refused.set(true); // The pool's own threads must not wait here.
              }
            }
            room.release();
          });
      if (cancels) {
        future.cancel(true);
      }
      Thread.interrupted();
    }
  }

  private static boolean refused(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof WorkerStartException || cause instanceof CircuitOpenException;
  }

  /** A call, and the size of its result when that is bytes, or -1. */
  private record Planned(PythonFunction request, PendingCall pending, int size) {

    PythonType<?> type() {
      return size < 0 ? OBJECT : BYTES;
    }

    /** The call's token, when this is an answer to it. */
    Object token(Object answer) {
      if (answer instanceof Map<?, ?> object) {
        return object.get("token");
      }
      return Contents.token(pending.token(), size, (byte[]) answer);
    }
  }

  private Planned plan(String token, SplittableRandom random) {
    int drawn = random.nextInt(1000);
    boolean idempotent = !misbehaving || random.nextBoolean();
    Duration timeout = Duration.ofMillis(misbehaving ? 100 + random.nextInt(900) : 5_000);
    PythonFunction request;
    int size = random.nextInt(ONE_IN) == 0 ? Contents.size(random) : -1;
    if (!misbehaving || drawn < 800) {
      request = echo(token, 0, size, random);
    } else if (drawn < 950) {
      request = echo(token, random.nextInt(20) / 1e3, size, random);
    } else if (drawn < 996) {
      timeout = Duration.ofMillis(5 + random.nextInt(60));
      request = echo(token, random.nextInt(80) / 1e3, size, random);
    } else {
      request = misbehaving(drawn, random);
      size = -1;
      idempotent = false;
    }
    request = request.timeout(timeout).checkoutTimeout(CHECKOUT).retries(RETRIES);
    long now = System.nanoTime();
    long bound = now + CHECKOUT.multipliedBy(RETRIES + 1L).plus(timeout).plus(MARGIN).toNanos();
    String what = request.target() + " within " + timeout.toMillis() + " ms";
    return new Planned(
        idempotent ? request.idempotent() : request, PendingCall.of(token, what, now, bound), size);
  }

  /**
   * Any call that returns its token after a while: a plain function's, an asynchronous one's, or
   * one of bytes, as many as to fit a segment or not, that repeat the token.
   */
  private PythonFunction echo(String token, double seconds, int size, SplittableRandom random) {
    if (size >= 0) {
      byte[] sent = Contents.of(token, Contents.size(random));
      return function("content").args(sent, token, size, seconds);
    }
    return function(random.nextInt(4) == 0 ? "token_async" : "token").args(token, seconds);
  }

  /** None of these may ever return the call's token. */
  private PythonFunction misbehaving(int drawn, SplittableRandom random) {
    return switch (drawn % 8) {
      case 0 -> function("die").args(random.nextInt(256));
      case 1 -> function("segfault");
      case 2 -> function("hang").args(random.nextBoolean(), random.nextBoolean());
      case 3 -> function("freeze");
      case 4 -> function("spin");
      // More than max-data allows.
      case 5 -> function("bomb").args(ChaosTest.MAX_DATA * 2);
      case 6 -> function("no_such_function");
      default -> function("token").arg("surplus", 1);
    };
  }

  private PythonFunction function(String name) {
    return pool.function(Faults.MODULE + ":" + name);
  }
}
