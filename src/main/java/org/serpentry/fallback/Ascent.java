// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.Service;
import org.serpentry.pool.WorkerPool;

/**
 * The way back up: asks the steps above the one that answers, again and again, with a hold between,
 * until the pool answers, or nothing else is left that would have to end then. There is one such
 * probe at a time, however many calls fall.
 */
final class Ascent {

  private static final Logger LOG = System.getLogger(Ascent.class.getName());

  private final Cascade cascade;
  private final WorkerPool core;
  private final Steps steps;
  private final Single single;
  private final AtomicBoolean probing = new AtomicBoolean();

  Ascent(Cascade cascade, WorkerPool core, Steps steps, Single single) {
    this.cascade = cascade;
    this.core = core;
    this.steps = steps;
    this.single = single;
  }

  /** Has the steps above asked after the hold, unless that is to come anyway. Any thread. */
  void begin() {
    if (probing.compareAndSet(false, true)) {
      afterHold();
    }
  }

  private void afterHold() {
    Future<?> unused = cascade.later(steps.hold().toNanos(), this::probe);
  }

  // Calls begin at the pool also when nothing serves, and may have left a single worker behind.
  private boolean fallen() {
    return !cascade.isClosed() && (steps.current() != Service.POOL || single.there());
  }

  private void probe() {
    boolean again = false;
    try {
      again = fallen() && !risen();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "A probe of the pool " + core.name() + " has failed", e);
      again = true;
    }
    if (again) {
      afterHold();
      return;
    }
    probing.set(false);
    if (fallen()) {
      begin(); // It fell while this one was ending.
    }
  }

  private boolean risen() {
    if (serves(core)) {
      cascade.rise(Service.POOL);
      single.retire();
      return true;
    }
    if (steps.current() == Service.MOCK && steps.allows(Service.SINGLE)) {
      trySingle();
    }
    return false;
  }

  private boolean serves(WorkerPool asked) {
    try {
      cascade.ping(asked);
      return true;
    } catch (PythonPoolException e) {
      LOG.log(Level.DEBUG, "A step of the cascade does not serve yet", e);
      return false;
    }
  }

  // A thread of the timer's starts it: the answer comes there later, never while it waits here.
  @SuppressWarnings("FutureReturnValueIgnored") // what it does is logged
  private void trySingle() {
    Single.Use use = single.use();
    use.worker()
        .whenComplete(
            (worker, failure) -> {
              try {
                if (failure == null && serves(worker)) {
                  cascade.rise(Service.SINGLE);
                }
              } finally {
                cascade.done(use);
              }
            });
  }
}
