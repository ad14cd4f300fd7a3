// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The language models in force, numbered: one for all, and those of sessions. Any thread.
 *
 * <p>Numbers only grow and no two models of this JVM have the same, whoever configured them, so a
 * worker never takes one for another, and knows which of two of a scope it should forget.
 */
final class LmVersions {

  /** The scope of the model for all. */
  static final String ALL = "";

  /**
   * A model in force.
   *
   * @param number its number
   * @param settings its settings
   * @param scope the session that it is for, or {@link #ALL}
   * @param owner the number of those that it belongs to
   */
  record Numbered(long number, LmConfig settings, String scope, long owner) {

    /** What workers know its scope by: several users of a pool do not replace each other's. */
    String wireScope() {
      return owner + ":" + scope;
    }
  }

  private static final AtomicLong LAST = new AtomicLong();

  private final long owner = LAST.incrementAndGet();
  private final Map<String, Numbered> current = new ConcurrentHashMap<>();

  /** Numbers settings that are not in force yet. */
  Numbered number(String session, LmConfig settings) {
    return new Numbered(LAST.incrementAndGet(), settings, session == null ? ALL : session, owner);
  }

  /** Puts settings in force, unless later ones are. */
  void publish(Numbered numbered) {
    current.merge(numbered.scope(), numbered, (a, b) -> a.number() > b.number() ? a : b);
  }

  /**
   * Puts settings in force in place of others; false when those are in force no more.
   *
   * @param before what must be in force, or null when nothing must
   */
  boolean replace(Numbered before, Numbered now) {
    return before == null
        ? current.putIfAbsent(now.scope(), now) == null
        : current.replace(before.scope(), before, now);
  }

  /** The session's model, else the one for all, else null. */
  Numbered of(String session) {
    Numbered own = session == null ? null : current.get(session);
    return own == null ? current.get(ALL) : own;
  }

  /** All that are in force. */
  Collection<Numbered> all() {
    return List.copyOf(current.values());
  }

  void forget(String session) {
    current.remove(session);
  }
}
