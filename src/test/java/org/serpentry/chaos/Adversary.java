// SPDX-License-Identifier: Apache-2.0
package org.serpentry.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.PoolSnapshot.SlotView;
import org.serpentry.testing.Fault;
import org.serpentry.testing.Moment;
import org.serpentry.testing.Processes;
import org.serpentry.testing.TestPool;

/** Carries a schedule out, on a thread of its own. */
final class Adversary {

  /** The outcome of a reload that does not end. */
  static final String NEVER = "(never ended)";

  private static final int PENDING = 3;
  private static final int SIGSEGV = 11;
  private static final long RELOAD_SECONDS = 60;

  private final TestPool pool;
  private final EventCounts events;
  private final Callers callers;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "adversary"));
  private final Map<Strike.Kind, Integer> struck = new TreeMap<>();
  private final Queue<CompletableFuture<String>> reloads = new ConcurrentLinkedQueue<>();
  private final Set<Long> launchers = ConcurrentHashMap.newKeySet();

  Adversary(TestPool pool, EventCounts events, Callers callers) {
    this.pool = pool;
    this.events = events;
    this.callers = callers;
  }

  /** Strikes until the schedule's end; a strike that comes late is not left out. */
  void run(Schedule schedule, long seconds) throws Exception {
    for (Strike strike : schedule.strikes()) {
      later(strike.atMillis(), () -> strike(strike));
    }
    thread.schedule(() -> {}, seconds, TimeUnit.SECONDS).get();
    thread.shutdown();
    if (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
      throw new IllegalStateException("the adversary is stuck");
    }
    pool.faults().clear();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // a strike tells of its own failure
  private void later(long millis, Runnable task) {
    thread.schedule(task, millis, TimeUnit.MILLISECONDS);
  }

  /** How often each kind was carried out; one whose victim was not there was not. */
  Map<Strike.Kind, Integer> struck() {
    return struck;
  }

  /** Every launcher that was seen. */
  Set<Long> launchers() {
    return launchers;
  }

  private void strike(Strike strike) {
    try {
      PoolSnapshot now = pool.snapshot();
      if (now.launcherPid() != 0) {
        launchers.add(now.launcherPid());
      }
      if (carryOut(strike, now)) {
        struck.merge(strike.kind(), 1, Integer::sum);
      }
    } catch (AssertionError | RuntimeException e) {
      // Its victim ended between the look and the blow, or is being replaced.
      System.out.println("not struck: " + strike + ": " + e.getMessage());
    }
  }

  private boolean carryOut(Strike strike, PoolSnapshot now) {
    int amount = strike.amount();
    return switch (strike.kind()) {
      case KILL_WORKER -> signal("KILL", victim(strike, now));
      case STOP_WORKER -> signal("STOP", victim(strike, now));
      case PAUSE_WORKER -> pause(victim(strike, now), amount);
      case KILL_LAUNCHER -> signal("KILL", now.launcherPid());
      case STOP_LAUNCHER -> signal("STOP", now.launcherPid());
      case KILL_TEMPLATE -> signal("KILL", events.template());
      case STOP_TEMPLATE -> signal("STOP", events.template());
      case EXIT_READING -> order(Moment.READING_CALL, Fault.exit(3));
      case EXIT_BEFORE_REPLY -> order(Moment.BEFORE_REPLY, Fault.exit(4));
      case EXIT_MID_REPLY -> order(Moment.MID_REPLY, Fault.exit(5));
      case EXIT_AFTER_REPLY -> order(Moment.AFTER_REPLY, Fault.exit(6));
      case SEGFAULT -> order(Moment.BEFORE_REPLY, Fault.signal(SIGSEGV));
      case GARBAGE_REPLY -> order(Moment.BEFORE_REPLY, Fault.garbage(amount * 100));
      case GARBAGE_MID_REPLY -> order(Moment.MID_REPLY, Fault.garbage(amount * 100));
      case FOREIGN_REPLY -> order(Moment.BEFORE_REPLY, Fault.foreignReply());
      case SECOND_REPLY -> order(Moment.BEFORE_REPLY, Fault.secondReply());
      case LATE_REPLY -> order(Moment.BEFORE_REPLY, Fault.delay(Duration.ofMillis(amount)));
      case HANG -> order(Moment.BEFORE_REPLY, Fault.hang());
      case FLOOD -> order(Moment.AFTER_REPLY, Fault.flood(amount * 4_000));
      case LEAK -> order(Moment.AFTER_REPLY, Fault.leak(amount * 20_000));
      case SLOW_START -> order(Moment.BEFORE_HELLO, Fault.delay(Duration.ofMillis(amount * 2L)));
      case DEAD_START ->
          order(
              List.of(Moment.BEFORE_HELLO, Moment.MID_HELLO, Moment.AFTER_HANDSHAKE)
                  .get(amount % 3),
              Fault.exit(7));
      case GARBAGE_HELLO -> order(Moment.BEFORE_HELLO, Fault.garbage(amount));
      case SLOW_IMPORT -> order(Moment.IMPORT, Fault.delay(Duration.ofMillis(amount * 2L)));
      case SLOW_LISTENER -> {
        events.slowDown(amount * 300L / 1000);
        yield true;
      }
      case INTERRUPT -> {
        callers.interrupt(strike.target());
        yield true;
      }
      case RELOAD -> reload();
      case BROKEN_RELOAD ->
          order(Moment.IMPORT, Fault.importError("broken by the adversary")) && reload();
      case RECYCLE -> !pool.pool().control().recycleWorkersOneByOne().isCompletedExceptionally();
    };
  }

  /** Its outcome counts, whether it is a success, a rollback or a refusal beside another. */
  private boolean reload() {
    reloads.add(
        pool.pool()
            .control()
            .reloadCode()
            .handle((done, failure) -> failure == null ? "done" : name(failure)));
    return true;
  }

  private static String name(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause.getClass().getSimpleName();
  }

  /**
   * Waits for the reloads that were asked for.
   *
   * @return how they have ended, by name
   */
  Map<String, Long> reloads() {
    return reloads.stream()
        .map(end -> end.completeOnTimeout(NEVER, RELOAD_SECONDS, TimeUnit.SECONDS).join())
        .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()));
  }

  private static long victim(Strike strike, PoolSnapshot now) {
    List<SlotView> living = now.workers().stream().filter(w -> w.pid() != 0).toList();
    return living.isEmpty() ? 0 : living.get(strike.target() % living.size()).pid();
  }

  /**
   * Orders that no worker has come to wait for the next ones, which would all die of them at once:
   * a pool that has been down would hardly come up.
   */
  private boolean order(Moment moment, Fault fault) {
    if (pool.faults().pending() >= PENDING) {
      return false;
    }
    pool.faults().next(moment, fault);
    return true;
  }

  private boolean pause(long pid, int millis) {
    boolean stopped = signal("STOP", pid);
    later(
        millis,
        () -> {
          if (Processes.alive(pid)) {
            signal("CONT", pid);
          }
        });
    return stopped;
  }

  /** The victim may end at any time, so that the signal may come too late: that is no failure. */
  private static boolean signal(String name, long pid) {
    if (pid == 0 || !Processes.alive(pid)) {
      return false;
    }
    Processes.signal(name, pid);
    return true;
  }
}
