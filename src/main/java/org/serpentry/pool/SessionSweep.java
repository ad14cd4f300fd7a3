// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.serpentry.session.SessionTracker;
import org.serpentry.spi.SessionStore;
import org.serpentry.telemetry.SafeText;

/**
 * Ends the sessions that nobody uses any more, every so often while there are some. Any thread may
 * call.
 */
final class SessionSweep {

  private static final Logger LOG = System.getLogger(SessionSweep.class.getName());

  private final PoolContext context;
  private final Duration pause;
  private final SessionTracker tracker;
  private final SessionStore store;
  private final SessionHomes homes;
  private final SessionEnds ends;
  private final SessionFailures failures;
  private final AtomicBoolean coming = new AtomicBoolean();

  SessionSweep(
      PoolContext context,
      SessionTracker tracker,
      SessionStore store,
      SessionHomes homes,
      SessionEnds ends,
      SessionFailures failures) {
    this.context = context;
    this.pause = context.config().sessions().sweep();
    this.tracker = tracker;
    this.store = store;
    this.homes = homes;
    this.ends = ends;
    this.failures = failures;
  }

  /** There are sessions: a sweep comes, unless one is coming already. */
  void later() {
    if (coming.compareAndSet(false, true)) {
      // The control thread only keeps the time: the store may block.
      context
          .reactor()
          .execute(
              () ->
                  context
                      .reactor()
                      .schedule(
                          pause.toNanos(),
                          TimeUnit.NANOSECONDS,
                          () -> context.chores().execute(this::nowAndLater)));
    }
  }

  private void nowAndLater() {
    boolean more = true; // What could not be swept or seen is left for the next one.
    try {
      now();
      more = tracker.size() > 0 || store.statistics().sessions() > 0;
    } catch (RuntimeException e) {
      LOG.log(
          Level.WARNING,
          "[{0}] The sweep of the sessions left some for the next one: {1}",
          context.config().name(),
          SafeText.line(String.valueOf(e.getMessage())));
    } finally {
      coming.set(false);
      if (more) {
        later();
      }
    }
  }

  /**
   * Sweeps; each part, whatever becomes of the others.
   *
   * @return how many sessions have ended
   */
  int now() {
    List<RuntimeException> causes = new ArrayList<>();
    int expired = 0;
    try {
      expired = tracker.sweep();
    } catch (RuntimeException e) {
      causes.add(e);
    }
    try {
      store.sweep();
    } catch (RuntimeException e) {
      causes.add(e);
    }
    homes.sweep();
    ends.swept();
    if (!causes.isEmpty()) {
      throw failures.notSwept(causes);
    }
    return expired;
  }
}
