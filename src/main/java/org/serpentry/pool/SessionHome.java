// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.serpentry.api.WorkerState;
import org.serpentry.session.Home;
import org.serpentry.session.Session;
import org.serpentry.worker.Worker;

/** A worker as a home of sessions: which live there, and which it may forget. Any thread calls. */
final class SessionHome implements Home {

  private final Worker worker;
  private final Set<Session> residents = ConcurrentHashMap.newKeySet();
  private final Queue<Long> forgotten = new ConcurrentLinkedQueue<>();
  private final AtomicInteger toForget = new AtomicInteger();
  // What the worker is being told to forget: a copy made meanwhile may be dropped with the old one.
  private final Set<Long> forgetting = ConcurrentHashMap.newKeySet();

  SessionHome(Worker worker) {
    this.worker = worker;
  }

  Worker worker() {
    return worker;
  }

  @Override
  public int slot() {
    return worker.slot();
  }

  /** Whether calls may still go there. */
  boolean serves() {
    return !worker.retiring() && worker.machine().state().mayBecome(WorkerState.TERMINATING);
  }

  @Override
  public void moveIn(Session session) {
    residents.add(session);
  }

  @Override
  public void moveOut(Session session) {
    if (residents.remove(session)) {
      forget(session.serial());
    }
  }

  /** Its worker may forget a session. */
  void forget(long serial) {
    forgotten.add(serial);
    toForget.incrementAndGet();
  }

  int residents() {
    return residents.size();
  }

  List<Session> all() {
    return List.copyOf(residents);
  }

  /** How many sessions it has a copy of that nobody needs. */
  int toForget() {
    return toForget.get();
  }

  /** Takes out the numbers of some sessions that it may forget. */
  List<Long> takeForgotten(int most) {
    List<Long> serials = new ArrayList<>();
    while (serials.size() < most) {
      Long serial = forgotten.poll();
      if (serial == null) {
        break;
      }
      toForget.decrementAndGet();
      serials.add(serial);
    }
    // Marked before residents are looked at: who moves in after that sees the mark when its call
    // ends. Those that have come back have their copies with them.
    forgetting.addAll(serials);
    Set<Long> back = residents.stream().map(Session::serial).collect(Collectors.toSet());
    serials.removeIf(serial -> back.contains(serial) && forgetting.remove(serial));
    return serials;
  }

  /** The worker has been told, or could not be. */
  void forgot(List<Long> serials) {
    serials.forEach(forgetting::remove);
  }

  /** Whether a copy that the worker has now will stay. */
  boolean keeps(Session session) {
    return !forgetting.contains(session.serial());
  }
}
