// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.serpentry.dspy.DefinitionJson.Dated;
import org.serpentry.spi.SessionStore;
import org.serpentry.spi.SessionStore.Entry;

/**
 * Programs in a session store: global ones as its programs, those of a session together in one
 * entry beside the session's state, which expires as that does. What is counted is counted in this
 * JVM. Any thread; blocks as the store does.
 */
final class StoredPrograms implements ProgramStore, AutoCloseable {

  /** No session's id has a control character, so that no session's state can pass for programs. */
  private static final String MARK = "\u001fprograms/";

  private static final int MOST_READ = 10_000;

  /** What was read, so that it is read again only when it is another. */
  @SuppressWarnings("ArrayRecordComponent") // compared by its contents where it is compared
  private record Read(byte[] bytes, Map<String, Dated> programs) {
    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }

    @Override
    public String toString() {
      return "Read" + programs.keySet();
    }
  }

  private record Key(String session, String id) {}

  private record Ran(long count, Instant last) {}

  private final SessionStore store;
  private final String prefix;
  private final DefinitionJson json = new DefinitionJson();
  private final Map<String, Read> read = new ConcurrentHashMap<>();
  private final Map<Key, Ran> ran = new ConcurrentHashMap<>();
  private final ReentrantLock creating = new ReentrantLock();

  /**
   * Programs in a store.
   *
   * @param store the store
   * @param prefix what comes before the names of this pool's in it
   */
  StoredPrograms(SessionStore store, String prefix) {
    this.store = Objects.requireNonNull(store);
    this.prefix = Objects.requireNonNull(prefix);
  }

  private String global(String id) {
    return prefix + id;
  }

  private String entry(String session) {
    return prefix + MARK + session;
  }

  private <T> T asked(Supplier<T> question) {
    try {
      return question.get();
    } catch (Refusal | SessionStore.FullException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new Refusal(DspyProblem.STORE_FAILED, "the session store failed: " + e, e);
    }
  }

  @Override
  public void close() {
    json.close();
  }

  // ---- changes

  @Override
  public Kept create(String session, ProgramDefinition definition, Instant now) {
    Dated program = new Dated(definition, now);
    try {
      return asked(() -> session == null ? create(program) : create(session, program));
    } catch (SessionStore.FullException e) {
      return Kept.FULL;
    }
  }

  private Kept create(Dated program) {
    String name = global(program.definition().id());
    creating.lock(); // The store replaces what is there.
    try {
      if (store.getProgram(name).isPresent()) {
        return Kept.DUPLICATE;
      }
      store.putProgram(name, json.one(program));
      return Kept.YES;
    } finally {
      creating.unlock();
    }
  }

  private Kept create(String session, Dated program) {
    while (true) {
      Optional<Entry> before = store.get(entry(session));
      Map<String, Dated> programs = new LinkedHashMap<>(programs(session, before));
      if (programs.putIfAbsent(program.definition().id(), program) != null) {
        return Kept.DUPLICATE;
      }
      if (replaced(session, before, programs)) {
        return Kept.YES;
      }
    }
  }

  /** False when somebody else was faster: look again. */
  private boolean replaced(String session, Optional<Entry> before, Map<String, Dated> programs) {
    long version = before.map(Entry::version).orElse(0L);
    return store.replace(entry(session), version, json.many(programs));
  }

  @Override
  public void executed(String session, String id, Instant now) {
    ran.merge(new Key(session, id), new Ran(1, now), (a, b) -> new Ran(a.count() + 1, now));
  }

  @Override
  public boolean delete(String session, String id) {
    boolean deleted =
        asked(() -> session == null ? store.deleteProgram(global(id)) : deleteOf(session, id));
    ran.remove(new Key(session, id));
    if (session == null) {
      read.remove(global(id));
    }
    return deleted;
  }

  private boolean deleteOf(String session, String id) {
    while (true) {
      Optional<Entry> before = store.get(entry(session));
      Map<String, Dated> programs = new LinkedHashMap<>(programs(session, before));
      if (programs.remove(id) == null) {
        return false;
      }
      if (replaced(session, before, programs)) {
        return true;
      }
    }
  }

  @Override
  public int deleteSession(String session) {
    if (session == null) {
      return (int) globals().stream().filter(id -> delete(null, id)).count();
    }
    int count =
        asked(
            () -> {
              int had = programs(session, store.get(entry(session))).size();
              return store.delete(entry(session)) ? had : 0;
            });
    read.remove(entry(session));
    ran.keySet().removeIf(key -> session.equals(key.session()));
    return count;
  }

  @Override
  public int clear() {
    int count = deleteSession(null);
    for (String session : sessions()) {
      count += deleteSession(session);
    }
    return count;
  }

  // ---- looks

  private Map<String, Dated> programs(String session, Optional<Entry> entry) {
    String name = entry(session);
    if (entry.isEmpty()) {
      read.remove(name);
      return Map.of();
    }
    return read(name, entry.get().state(), bytes -> json.many(bytes, "the session " + session));
  }

  private Map<String, Dated> read(
      String name, byte[] bytes, Function<byte[], Map<String, Dated>> reader) {
    Read before = read.get(name);
    if (before != null && Arrays.equals(before.bytes(), bytes)) {
      return before.programs();
    }
    Map<String, Dated> programs = reader.apply(bytes);
    if (read.size() >= MOST_READ) {
      read.clear();
    }
    read.put(name, new Read(bytes, programs));
    return programs;
  }

  @Override
  public Optional<ProgramInfo> find(String session, String id) {
    return asked(() -> session == null ? findGlobal(id) : findOf(session, id));
  }

  private Optional<ProgramInfo> findGlobal(String id) {
    String name = global(id);
    Optional<byte[]> found = store.getProgram(name);
    if (found.isEmpty()) {
      read.remove(name);
      ran.remove(new Key(null, id));
      return Optional.empty();
    }
    Map<String, Dated> programs =
        read(name, found.get(), bytes -> Map.of(id, json.one(bytes, name)));
    return Optional.of(info(null, programs.get(id)));
  }

  private Optional<ProgramInfo> findOf(String session, String id) {
    return Optional.ofNullable(programs(session, store.get(entry(session))).get(id))
        .map(program -> info(session, program));
  }

  private ProgramInfo info(String session, Dated program) {
    String id = program.definition().id();
    Ran has = ran.get(new Key(session, id));
    return new ProgramInfo(
        id,
        Optional.ofNullable(session),
        program.definition(),
        program.createdAt(),
        has == null ? 0 : has.count(),
        Optional.ofNullable(has).map(Ran::last));
  }

  @Override
  public boolean hasSession(String session) {
    return asked(() -> !programs(session, store.get(entry(session))).isEmpty());
  }

  private List<String> globals() {
    return asked(
        () ->
            store.listPrograms().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .toList());
  }

  private List<String> sessions() {
    String begin = prefix + MARK;
    return asked(
        () ->
            store.list().stream()
                .filter(name -> name.startsWith(begin))
                .map(name -> name.substring(begin.length()))
                .toList());
  }

  @Override
  public List<ProgramInfo> list(String session) {
    if (session == null) {
      return globals().stream().flatMap(id -> find(null, id).stream()).toList();
    }
    return asked(
        () ->
            programs(session, store.get(entry(session))).values().stream()
                .map(program -> info(session, program))
                .toList());
  }

  @Override
  public List<ProgramInfo> all() {
    List<ProgramInfo> all = new ArrayList<>(list(null));
    sessions().forEach(session -> all.addAll(list(session)));
    return List.copyOf(all);
  }
}
