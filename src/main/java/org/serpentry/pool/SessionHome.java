// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
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
    return serials;
  }
}
