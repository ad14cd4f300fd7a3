// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Takes the phases of one call that the Flight Recorder records. Each method but the last two
 * begins a phase and thereby ends the one before. Used by one thread at a time; only the end may be
 * told by several, of which the first counts.
 */
public final class CallRecording {

  /** Takes everything and keeps nothing. */
  public static final CallRecording NONE = new CallRecording();

  private enum Phase {
    QUEUE,
    ENCODE,
    WAIT,
    DECODE
  }

  private final CallEvent event;
  private final AtomicBoolean over;
  private Phase phase = Phase.QUEUE;
  private long since;

  private CallRecording() {
    event = null;
    over = null;
  }

  CallRecording(String pool, String target, String session, String traceparent) {
    over = new AtomicBoolean();
    event = new CallEvent();
    event.pool = pool;
    event.function = target;
    event.session = session;
    event.traceparent = traceparent;
    event.caller = Thread.currentThread().getName();
    event.slot = -1;
    event.begin();
    since = System.nanoTime();
  }

  /** It waits for a worker, or for its session's turn. */
  public void queues() {
    next(Phase.QUEUE);
  }

  /** Its arguments are being written. */
  public void encodes() {
    next(Phase.ENCODE);
  }

  /**
   * It has a worker, for which the rest of its arguments is being written.
   *
   * @param slot the worker's slot
   * @param worker the worker's number
   */
  public void runsOn(int slot, long worker) {
    if (event != null) {
      event.slot = slot;
      event.worker = worker;
      event.attempts++;
      next(Phase.ENCODE);
    }
  }

  /**
   * Its request is about to be sent.
   *
   * @param request the request's id
   */
  public void sends(long request) {
    if (event != null) {
      event.request = request;
      next(Phase.WAIT);
    }
  }

  /** The reply has come. */
  public void decodes() {
    next(Phase.DECODE);
  }

  private void next(Phase begun) {
    if (event != null) {
      long now = System.nanoTime();
      long nanos = now - since;
      since = now;
      switch (phase) {
        case QUEUE -> event.queue += nanos;
        case ENCODE -> event.encode += nanos;
        case WAIT -> event.wait += nanos;
        default -> event.decode += nanos;
      }
      phase = begun;
    }
  }

  /**
   * It has ended.
   *
   * @param failure why it failed; null when it succeeded
   */
  public void ended(Throwable failure) {
    commit(failure == null ? "SUCCESS" : failure.getClass().getSimpleName());
  }

  /** Its caller has given it up. */
  public void cancelled() {
    commit("CANCELLED");
  }

  private void commit(String outcome) {
    if (event != null && over.compareAndSet(false, true)) {
      next(phase); // Before the end, so that the phases are within the whole.
      event.end();
      if (event.shouldCommit()) {
        event.outcome = outcome;
        event.commit();
      }
    }
  }
}
