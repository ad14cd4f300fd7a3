// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A session on its way from one worker to another. It waits for the session's running call, gives
 * the state to the other worker, and only then does the session live there; when that fails it
 * lives on where it did. Any thread may call.
 */
public final class SessionMove {

  /** How far a move has come. */
  public enum Status {
    /** It waits for the session's running call, or for the other worker. */
    WAITING,
    /** The session lives on the other worker. */
    DONE,
    /** It could not be done; the session lives on where it did. */
    FAILED,
    /** It was cancelled; the session lives on where it did. */
    CANCELLED,
    /** It was done, and the session has been moved back. */
    ROLLED_BACK
  }

  private final long number;
  private final String session;
  private final int from;
  private final int to;
  private final Instant started;
  private final AtomicReference<Status> status = new AtomicReference<>(Status.WAITING);
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private volatile String reason = "";
  private volatile CompletableFuture<Object> call;

  SessionMove(long number, String session, int from, int to, Instant started) {
    this.number = number;
    this.session = session;
    this.from = from;
    this.to = to;
    this.started = started;
  }

  /** Its number, from 1. */
  public long number() {
    return number;
  }

  /** The session's id. */
  public String session() {
    return session;
  }

  /** The slot that the session lived on; -1: on none. */
  public int from() {
    return from;
  }

  /** The slot that it is to live on. */
  public int to() {
    return to;
  }

  /** When it was asked for. */
  public Instant started() {
    return started;
  }

  /** How far it has come. */
  public Status status() {
    return status.get();
  }

  /** Why it failed, or empty. */
  public String reason() {
    return reason;
  }

  /**
   * Its end.
   *
   * @return ends with DONE, FAILED or CANCELLED; never exceptionally
   */
  public CompletableFuture<Status> end() {
    return end.copy();
  }

  /**
   * Stops it while it waits.
   *
   * @return whether the session stays where it was; false when the move has ended before
   */
  public boolean cancel() {
    if (!status.compareAndSet(Status.WAITING, Status.CANCELLED)) {
      return status.get() == Status.CANCELLED;
    }
    CompletableFuture<Object> running = call;
    if (running != null) {
      running.cancel(true);
    }
    end.complete(Status.CANCELLED);
    return true;
  }

  void by(CompletableFuture<Object> running) {
    call = running;
    if (status.get() == Status.CANCELLED) {
      running.cancel(true);
    }
  }

  boolean ended(Status how, String why) {
    if (!status.compareAndSet(Status.WAITING, how)) {
      return false;
    }
    reason = why;
    end.complete(how);
    return true;
  }

  boolean rolledBack() {
    return status.compareAndSet(Status.DONE, Status.ROLLED_BACK);
  }

  @Override
  public String toString() {
    return "SessionMove[%d: %s from slot %d to %d, %s]"
        .formatted(number, session, from, to, status);
  }
}
