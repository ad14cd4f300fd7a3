// SPDX-License-Identifier: Apache-2.0
package org.serpentry.session;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.serpentry.api.SessionInfo;

/**
 * One session between its first call and its end: whose turn it is, and where it lives. Its state
 * lies in the session store, and a copy of it on its worker.
 *
 * <p>Any thread may call; the lock is held for a few operations, and for the store's at the end.
 */
public final class Session {

  /** What a worker has of a session. */
  private record Copy(Home home, long version) {}

  private final long serial;
  private final String id;
  private final Instant started;
  private final AtomicLong operations = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Claim> line = new ArrayDeque<>(0); // under the lock, as are the next two
  private boolean taken;
  private volatile int waiting; // as long as the line, for who must not wait for the lock
  private volatile boolean ended;
  private final AtomicReference<Home> home = new AtomicReference<>();
  private volatile Copy copy;
  private volatile boolean keepsLocal;
  private volatile boolean lost;
  private volatile long lastUse;

  Session(long serial, String id, Instant started, long now) {
    this.serial = serial;
    this.id = id;
    this.started = started;
    this.lastUse = now;
  }

  /** Its number, by which workers know it: never used again, unlike its id. */
  public long serial() {
    return serial;
  }

  /** Its id, the caller's name included where that belongs to it. */
  public String id() {
    return id;
  }

  // ---- turns

  /**
   * Asks for the turn: the calls of a session follow each other in the order of their coming.
   *
   * @param claim is granted the turn later, when it is somebody else's now
   * @return whether it is the caller's at once, in which case the claim is not granted
   */
  public boolean enter(Claim claim) {
    lock.lock();
    try {
      if (!taken) {
        taken = true;
        return true;
      }
      line.addLast(claim);
      waiting = line.size();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits no more.
   *
   * @param claim the claim
   * @return false when it has been granted already
   */
  public boolean withdraw(Claim claim) {
    lock.lock();
    try {
      boolean withdrawn = line.remove(claim);
      waiting = line.size();
      return withdrawn;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the caller's turn, and grants the next. */
  public void leave() {
    Claim next;
    lock.lock();
    try {
      next = line.pollFirst();
      taken = next != null;
      waiting = line.size();
    } finally {
      lock.unlock();
    }
    if (next != null) {
      next.granted();
    }
  }

  // ---- life

  /**
   * Whether it has ended: who has its turn must begin anew with another session of its id.
   *
   * @return whether it has
   */
  public boolean ended() {
    return ended;
  }

  /**
   * Does something that must not cross its end.
   *
   * @param change what, such as a change of the store
   * @return what that returned; false, and nothing happens, when it has ended
   */
  public boolean unlessEnded(BooleanSupplier change) {
    lock.lock();
    try {
      return !ended && change.getAsBoolean();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends it.
   *
   * @param force also while it is used
   * @param last done before anybody can see that it has ended
   * @return whether it has been ended by this call
   */
  boolean end(boolean force, Runnable last) {
    lock.lock();
    try {
      if (ended || (taken && !force)) {
        return false;
      }
      last.run();
      ended = true;
    } finally {
      lock.unlock();
    }
    moveTo(null);
    return true;
  }

  /**
   * Notes a use.
   *
   * @param now the time on the tracker's clock
   */
  void used(long now) {
    lastUse = now;
  }

  void counted() {
    operations.incrementAndGet();
  }

  long lastUse() {
    return lastUse;
  }

  // ---- where it lives

  /**
   * The worker that it lives on.
   *
   * @return its home, or null
   */
  public Home home() {
    return home.get();
  }

  /**
   * Lives elsewhere from now on. Called by who has its turn, or ends it.
   *
   * @param next its new home, or null for none
   * @return its home before, or null
   */
  public Home moveTo(Home next) {
    Home before = home.getAndSet(next);
    if (before != next) {
      if (before != null) {
        before.moveOut(this);
      }
      if (next != null) {
        next.moveIn(this);
        if (ended && home.compareAndSet(next, null)) {
          next.moveOut(this); // It ended meanwhile, and nobody will move it out any more.
        }
      }
    }
    return before;
  }

  /**
   * Its home is gone, with all that it kept there.
   *
   * @param gone the home
   * @return whether it has lost what nobody else has
   */
  public boolean homeGone(Home gone) {
    if (!home.compareAndSet(gone, null)) {
      return false;
    }
    gone.moveOut(this);
    boolean loses = keepsLocal;
    if (loses) {
      lost = true;
      keepsLocal = false;
    }
    return loses;
  }

  /**
   * Whether the copy of its state on a worker is current.
   *
   * @param where the worker
   * @param version the state's version
   * @return whether it is
   */
  public boolean currentOn(Home where, long version) {
    Copy now = copy;
    return now != null && now.home() == where && now.version() == version;
  }

  /**
   * Notes what a worker has.
   *
   * @param where the worker, or null when none certainly has the state
   * @param version the state's version there
   */
  public void copied(Home where, long version) {
    copy = where == null ? null : new Copy(where, version);
  }

  /**
   * Whether it keeps things on its worker that cannot move.
   *
   * @return whether it does
   */
  public boolean keepsLocal() {
    return keepsLocal;
  }

  /**
   * Notes whether it keeps things on its worker.
   *
   * @param value whether it does
   */
  public void keepsLocal(boolean value) {
    keepsLocal = value;
  }

  /**
   * Whether it has lost what it kept on a worker.
   *
   * @return whether it has
   */
  public boolean lost() {
    return lost;
  }

  /**
   * Looks at it, without the lock: the store may be slow under it.
   *
   * @param lastActivity the time of its last use
   * @return it as it is now
   */
  SessionInfo info(Instant lastActivity) {
    Home lives = home.get();
    return new SessionInfo(
        id,
        started,
        lastActivity,
        operations.get(),
        lives == null ? -1 : lives.slot(),
        waiting,
        keepsLocal,
        lost);
  }

  @Override
  public String toString() {
    return "Session[" + id + "]";
  }
}
