// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.serpentry.session.SessionTracker;
import org.serpentry.worker.Worker;

/**
 * The workers that sessions live on, and what is done so that none of them keeps copies of sessions
 * that have left. Any thread calls; nothing blocks.
 */
final class SessionHomes {

  /** So many copies are dropped at once, before the next sweep. */
  private static final int MANY = 1_000;

  private static final int PER_CALL = 5_000;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final WorkerPool pool;
  private final SessionTracker tracker;
  private final Map<Worker, SessionHome> homes = new ConcurrentHashMap<>();

  SessionHomes(WorkerPool pool, SessionTracker tracker) {
    this.pool = pool;
    this.tracker = tracker;
  }

  /** The home that a worker is. */
  SessionHome of(Worker worker) {
    SessionHome home = homes.get(worker);
    return home != null ? home : move(worker);
  }

  private SessionHome move(Worker worker) {
    SessionHome fresh = new SessionHome(worker);
    SessionHome other = homes.putIfAbsent(worker, fresh);
    if (other != null) {
      return other;
    }
    worker.onExit(() -> left(worker));
    return fresh;
  }

  private void left(Worker worker) {
    SessionHome home = homes.remove(worker);
    if (home != null) {
      home.all().forEach(session -> tracker.homeGone(session, home));
    }
  }

  /** How many sessions live on a worker. */
  int residents(Worker worker) {
    SessionHome home = homes.get(worker);
    return home == null ? 0 : home.residents();
  }

  /** How many sessions live on the worker of each slot that has some. */
  Map<Integer, Integer> bySlot() {
    Map<Integer, Integer> counts = new TreeMap<>();
    homes.values().stream()
        .filter(home -> home.residents() > 0)
        .forEach(home -> counts.merge(home.slot(), home.residents(), Integer::sum));
    return counts;
  }

  /** A session has left a home: when there are many, the worker is told now. */
  void tidy(SessionHome home) {
    if (home.toForget() >= MANY) {
      forget(home);
    }
  }

  /** Tells every worker which sessions it may forget. */
  void sweep() {
    homes.values().forEach(this::forget);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what it ends in is handled right here
  private void forget(SessionHome home) {
    if (home.toForget() == 0 || !home.serves()) {
      return;
    }
    List<Long> serials = home.takeForgotten(PER_CALL);
    if (serials.isEmpty()) {
      return;
    }
    CallRequest probe = CallRequest.probe("serpentry:forget_sessions", PATIENCE);
    CallRequest request =
        new CallRequest(
            probe.target(),
            probe.targetBytes(),
            List.of(serials),
            Map.of(),
            Void.class,
            PATIENCE,
            PATIENCE,
            0,
            true,
            new Errand(home.worker(), pool.context().nanoTime().getAsLong()),
            null,
            null);
    pool.callAsync(request, Runnable::run)
        .whenComplete(
            (nothing, failure) -> {
              home.forgot(serials);
              if (failure != null && home.serves()) {
                serials.forEach(home::forget); // The next sweep tries again.
              }
            });
  }
}
