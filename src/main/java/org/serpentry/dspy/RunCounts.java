// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * How often programs ran in this JVM. Only what was known to exist is counted, so that an execution
 * that ends after its program was deleted leaves nothing; what ceased to exist unseen, such as what
 * another JVM deleted, goes by {@link #retain}. Any thread; a session is null where the global
 * programs are meant.
 */
final class RunCounts {

  /** How often and when last; the latter is null before the first time. */
  record Ran(long count, Instant last) {}

  /** So many come before it is seen which of them there still are. */
  static final int FEW = 1_000;

  private static final Ran NEVER = new Ran(0, null);

  /** No session's id is empty. */
  private static final String GLOBAL = "";

  private final Map<String, Map<String, Ran>> ran = new ConcurrentHashMap<>();
  private final AtomicInteger noted = new AtomicInteger();
  private volatile int many = FEW;

  private static String key(String session) {
    return session == null ? GLOBAL : session;
  }

  /** A program that was created: it has not run, whatever ran under its id before. */
  void created(String session, String id) {
    forget(session, id);
    note(session, id);
  }

  /** A program that there is; tells how often it ran. */
  Ran of(String session, String id) {
    Map<String, Ran> programs = ran.get(key(session));
    Ran known = programs == null ? null : programs.get(id);
    if (known != null) {
      return known;
    }
    note(session, id);
    return NEVER;
  }

  private void note(String session, String id) {
    ran.compute(
        key(session),
        (key, programs) -> {
          Map<String, Ran> those = programs == null ? new ConcurrentHashMap<>() : programs;
          if (those.putIfAbsent(id, NEVER) == null) {
            noted.incrementAndGet();
          }
          return those;
        });
  }

  /** A program ran; nothing when none of that id is known. */
  void executed(String session, String id, Instant now) {
    Map<String, Ran> programs = ran.get(key(session));
    if (programs != null) {
      programs.computeIfPresent(id, (name, before) -> new Ran(before.count() + 1, now));
    }
  }

  /** A program is gone. */
  void forget(String session, String id) {
    ran.computeIfPresent(
        key(session),
        (key, programs) -> {
          programs.remove(id);
          return programs.isEmpty() ? null : programs;
        });
  }

  /** All programs of a session, or all global ones, are gone. */
  void forget(String session) {
    ran.remove(key(session));
  }

  /** A session has, or all have, these programs and no others. */
  void only(String session, Collection<String> ids) {
    ran.computeIfPresent(
        key(session),
        (key, programs) -> {
          programs.keySet().retainAll(ids);
          return programs.isEmpty() ? null : programs;
        });
  }

  /** How many programs are known. */
  int size() {
    return ran.values().stream().mapToInt(Map::size).sum();
  }

  /** Whether so many have been noted that it should be seen which of them there still are. */
  boolean worthLooking() {
    return noted.get() >= many;
  }

  /**
   * Keeps what there is.
   *
   * @param hasPrograms tells of a session whether it has programs
   * @param globals the global programs
   */
  void retain(Predicate<String> hasPrograms, Collection<String> globals) {
    ran.keySet().removeIf(session -> !session.equals(GLOBAL) && !hasPrograms.test(session));
    only(null, globals);
    looked();
  }

  /** Is not worth looking at before it has doubled. */
  void looked() {
    noted.set(0);
    many = Math.max(FEW, size());
  }
}
