// SPDX-License-Identifier: Apache-2.0
package org.serpentry.chaos;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.PythonSession;
import org.serpentry.api.SessionLostException;
import org.serpentry.testing.Faults;
import org.serpentry.testing.TestPool;

/**
 * Threads that count in a session each, whatever happens to the workers. A count may have been
 * kept, or not, when its call failed; a count that was returned is never lost, and none is made
 * twice.
 */
final class SessionCallers {

  private static final Duration CHECKOUT = Duration.ofSeconds(2);
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  /** What a caller waits whose call has failed: for a while there may be no worker. */
  private static final long PAUSE_NANOS = 5_000_000;

  private final TestPool pool;
  private final boolean keeping;
  private final List<Thread> threads = new ArrayList<>();
  private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicLongArray successes;
  private final LongAdder lost = new LongAdder();
  private volatile boolean stopping;

  /**
   * Callers of a pool.
   *
   * @param sessions how many
   * @param keeping whether the sessions also keep something on their workers that cannot move
   */
  SessionCallers(TestPool pool, int sessions, boolean keeping) {
    this.pool = pool;
    this.keeping = keeping;
    this.successes = new AtomicLongArray(sessions);
  }

  void start() {
    for (int i = 0; i < successes.length(); i++) {
      int number = i;
      Thread thread = new Thread(() -> countOnAndOn(number), "counting-" + number);
      thread.setUncaughtExceptionHandler((t, e) -> wrong.add(t.getName() + " ended: " + e));
      threads.add(thread);
    }
    threads.forEach(Thread::start);
  }

  private PythonSession session(int number) {
    return pool.pool().session("counting-" + number);
  }

  private void countOnAndOn(int number) {
    PythonSession session = session(number);
    int last = 0;
    int unknown = 0; // calls since then that may have been kept
    while (!stopping) {
      try {
        int count =
            session
                .function(Faults.MODULE + ":count")
                .arg("keep", keeping)
                .timeout(TIMEOUT)
                .checkoutTimeout(CHECKOUT)
                .call(int.class);
        successes.incrementAndGet(number);
        if (count <= last || count > last + 1 + unknown) {
          wrong.add(
              "%s: %d after %d and %d failures".formatted(session.id(), count, last, unknown));
        }
        last = count;
        unknown = 0;
      } catch (SessionLostException e) {
        lost.increment();
        session.end();
        last = 0;
        unknown = 0;
      } catch (PythonPoolException e) {
        failures.computeIfAbsent(e.getClass().getSimpleName(), k -> new LongAdder()).increment();
        unknown++;
        LockSupport.parkNanos(PAUSE_NANOS);
      } catch (RuntimeException | Error e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        wrong.add(session.id() + " ended untyped: " + text);
        return;
      }
    }
  }

  /** Has them stop, and waits for the end of their calls. */
  void stop() throws InterruptedException {
    stopping = true;
    for (Thread thread : threads) {
      thread.join(Duration.ofMinutes(1).toMillis());
      if (thread.isAlive()) {
        wrong.add(thread.getName() + " never returned: " + List.of(thread.getStackTrace()));
      }
    }
  }

  /** Ends their sessions. */
  void end() {
    IntStream.range(0, successes.length()).forEach(i -> session(i).end());
  }

  /** Counts that were lost or made twice, and calls that ended otherwise than they may. */
  List<String> wrong() {
    return List.copyOf(wrong);
  }

  /** How often each session has counted. */
  List<Long> successes() {
    return IntStream.range(0, successes.length()).mapToObj(successes::get).toList();
  }

  /** Waits until each session has counted once more. */
  void awaitFurther() {
    List<Long> before = successes();
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    for (int i = 0; i < before.size(); i++) {
      while (successes.get(i) <= before.get(i)) {
        if (System.nanoTime() - end > 0 || !wrong.isEmpty()) {
          throw new AssertionError(
              "no further count of session %d: %s %s".formatted(i, this, wrong));
        }
        LockSupport.parkNanos(100_000);
      }
    }
  }

  /** Sessions lost with their workers. */
  long lost() {
    return lost.sum();
  }

  @Override
  public String toString() {
    return "sessions: %d counted, %d lost, failures %s"
        .formatted(
            successes().stream().mapToLong(Long::longValue).sum(),
            lost.sum(),
            new TreeMap<>(failures));
  }
}
