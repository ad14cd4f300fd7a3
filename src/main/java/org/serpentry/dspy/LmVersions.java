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
 * <p>Numbers only grow and are never used twice, so a worker knows which of two it should forget.
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
   */
  record Numbered(long number, LmConfig settings, String scope) {}

  private final AtomicLong last = new AtomicLong();
  private final Map<String, Numbered> current = new ConcurrentHashMap<>();

  /** Numbers settings that are not in force yet. */
  Numbered number(String session, LmConfig settings) {
    return new Numbered(last.incrementAndGet(), settings, session == null ? ALL : session);
  }

  /** Puts settings in force, unless later ones are. */
  void publish(Numbered numbered) {
    current.merge(numbered.scope(), numbered, (a, b) -> a.number() > b.number() ? a : b);
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
