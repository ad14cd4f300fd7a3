// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.serpentry.spi.SessionStore;
import org.serpentry.telemetry.SafeText;

/**
 * Drops what belongs to a session that ends: its state, and what others keep for it. Each is tried
 * whatever becomes of the others. Any thread may call; blocks as those do who keep something.
 */
final class SessionEnds {

  private static final Logger LOG = System.getLogger(SessionEnds.class.getName());

  /**
   * So many failures are told one by one between two sweeps: a store that is down fails them all.
   */
  private static final int TOLD = 20;

  /** Something that belongs to sessions, called by what it is. */
  private record Belonging<T>(String what, WeakReference<T> owner, BiConsumer<T, String> drop) {

    void drop(String id) {
      T present = owner.get();
      if (present != null) {
        drop.accept(present, id);
      }
    }

    boolean gone() {
      return owner.refersTo(null);
    }
  }

  private final String pool;
  private final SessionStore store;
  private final String prefix;
  private final SessionFailures failures;
  private final List<Belonging<?>> belongings = new CopyOnWriteArrayList<>();
  private final AtomicInteger failed = new AtomicInteger();

  SessionEnds(String pool, SessionStore store, String prefix, SessionFailures failures) {
    this.pool = pool;
    this.store = store;
    this.prefix = prefix;
    this.failures = failures;
  }

  <T> void add(String what, T owner, BiConsumer<T, String> drop) {
    belongings.removeIf(Belonging::gone);
    belongings.add(new Belonging<>(what, new WeakReference<>(owner), drop));
  }

  /** How many keep something for sessions, as far as they are known to be there. */
  int keepers() {
    return belongings.size();
  }

  /**
   * Drops all that belongs to a session.
   *
   * @throws org.serpentry.api.PythonPoolException when some of it could not be dropped, with all
   *     causes; the rest is gone
   */
  void drop(String id) {
    List<String> left = new ArrayList<>();
    List<RuntimeException> causes = new ArrayList<>();
    for (Belonging<?> belonging : belongings) {
      attempt(id, belonging.what(), () -> belonging.drop(id), left, causes);
    }
    attempt(id, "state", () -> store.delete(prefix + id), left, causes);
    if (!causes.isEmpty()) {
      throw failures.notEnded(id, left, causes);
    }
  }

  private void attempt(
      String id, String what, Runnable drop, List<String> left, List<RuntimeException> causes) {
    try {
      drop.run();
    } catch (RuntimeException e) {
      left.add(what);
      causes.add(e);
      if (failed.incrementAndGet() <= TOLD) {
        LOG.log(
            Level.WARNING,
            "[{0}] The session {1} cannot end yet; its {2} could not be dropped: {3}",
            pool,
            SafeText.line(id),
            what,
            SafeText.line(e.toString()));
      }
    }
  }

  /** Begins to tell failures anew, and how many were not told. */
  void swept() {
    int untold = failed.getAndSet(0) - TOLD;
    if (untold > 0) {
      LOG.log(
          Level.WARNING,
          "[{0}] {1} more of what belongs to sessions could not be dropped",
          pool,
          Integer.toString(untold));
    }
  }
}
