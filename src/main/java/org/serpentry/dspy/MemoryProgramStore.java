// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Programs in memory, so many at most. Any thread. */
final class MemoryProgramStore implements ProgramStore {

  static final int CAPACITY = 10_000;

  /** A program's place; the session is null for a global one. */
  private record Key(String session, String id) {}

  private final Map<Key, ProgramInfo> programs = new ConcurrentHashMap<>();
  private final Map<String, Integer> sessions =
      new ConcurrentHashMap<>(); // in the step of programs
  private final AtomicInteger count = new AtomicInteger();
  private final int capacity;

  MemoryProgramStore(int capacity) {
    this.capacity = capacity;
  }

  @Override
  public Kept create(String session, ProgramDefinition definition, Instant now) {
    if (count.incrementAndGet() > capacity) {
      count.decrementAndGet();
      return programs.containsKey(new Key(session, definition.id())) ? Kept.DUPLICATE : Kept.FULL;
    }
    ProgramInfo info =
        new ProgramInfo(
            definition.id(), Optional.ofNullable(session), definition, now, 0, Optional.empty());
    boolean[] kept = new boolean[1];
    programs.computeIfAbsent(
        new Key(session, definition.id()),
        key -> {
          if (session != null) {
            sessions.merge(session, 1, Integer::sum);
          }
          kept[0] = true;
          return info;
        });
    if (!kept[0]) {
      count.decrementAndGet();
      return Kept.DUPLICATE;
    }
    return Kept.YES;
  }

  @Override
  public Optional<ProgramInfo> find(String session, String id) {
    return Optional.ofNullable(programs.get(new Key(session, id)));
  }

  @Override
  public void executed(String session, String id, Instant now) {
    programs.computeIfPresent(
        new Key(session, id),
        (key, info) ->
            new ProgramInfo(
                info.id(),
                info.sessionId(),
                info.definition(),
                info.createdAt(),
                info.executionCount() + 1,
                Optional.of(now)));
  }

  @Override
  public boolean hasSession(String session) {
    return sessions.containsKey(session);
  }

  @Override
  public boolean delete(String session, String id) {
    boolean[] deleted = new boolean[1];
    programs.computeIfPresent(
        new Key(session, id),
        (key, info) -> {
          if (session != null) {
            sessions.computeIfPresent(session, (name, number) -> number == 1 ? null : number - 1);
          }
          deleted[0] = true;
          return null;
        });
    if (deleted[0]) {
      count.decrementAndGet();
    }
    return deleted[0];
  }

  @Override
  public List<ProgramInfo> list(String session) {
    return programs.entrySet().stream()
        .filter(entry -> Objects.equals(entry.getKey().session(), session))
        .map(Map.Entry::getValue)
        .toList();
  }

  @Override
  public List<ProgramInfo> all() {
    return List.copyOf(programs.values());
  }

  @Override
  public int deleteSession(String session) {
    int deleted = 0;
    for (ProgramInfo info : list(session)) {
      deleted += delete(session, info.id()) ? 1 : 0;
    }
    return deleted;
  }

  @Override
  public int clear() {
    int deleted = 0;
    for (ProgramInfo info : all()) {
      deleted += delete(info.sessionId().orElse(null), info.id()) ? 1 : 0;
    }
    return deleted;
  }

  @Override
  public boolean blocks() {
    return false;
  }
}
