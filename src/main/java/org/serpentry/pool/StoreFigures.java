// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.serpentry.spi.SessionStore;

/**
 * What the session store says of itself, for who must not wait for it: one that may block is asked
 * in the background, and its last answer is given. Any thread; never blocks.
 */
final class StoreFigures {

  private static final Logger LOG = System.getLogger(StoreFigures.class.getName());
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final SessionStore.Statistics UNKNOWN =
      new SessionStore.Statistics(0, 0, 0, 0, 0, 0);

  private final PoolContext context;
  private final SessionStore store;
  private final boolean blocks;
  private final AtomicBoolean asking = new AtomicBoolean();
  private volatile SessionStore.Statistics last = UNKNOWN;
  private volatile long since;

  StoreFigures(PoolContext context, SessionStore store, boolean blocks) {
    this.context = context;
    this.store = store;
    this.blocks = blocks;
    this.since = context.nanoTime().getAsLong() - FRESH_NANOS;
  }

  /** The figures now, or those of the last answer; zeros before the first one. */
  SessionStore.Statistics get() {
    if (!blocks) {
      return store.statistics();
    }
    if (context.nanoTime().getAsLong() - since >= FRESH_NANOS
        && asking.compareAndSet(false, true)) {
      boolean unused = context.chores().execute(this::ask);
    }
    return last;
  }

  private void ask() {
    try {
      last = store.statistics();
    } catch (RuntimeException e) {
      LOG.log(Level.DEBUG, "The figures of the session store stay as they were", e);
    } finally {
      since = context.nanoTime().getAsLong();
      asking.set(false);
    }
  }
}
