// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.serpentry.dspy.DefinitionJson.Dated;
import org.serpentry.spi.SessionStore;
import org.serpentry.spi.SessionStore.Entry;
import org.serpentry.telemetry.SafeText;

/**
 * Programs in a session store: global ones as its programs, those of a session together in one
 * entry beside the session's state, which expires as that does. What is counted is counted in this
 * JVM. Any thread; blocks as the store does.
 */
final class StoredPrograms implements ProgramStore, AutoCloseable {

  private static final Logger LOG = System.getLogger(StoredPrograms.class.getName());

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

  private final SessionStore store;
  private final String prefix;
  private final DefinitionJson json = new DefinitionJson();
  private final Map<String, Read> read = new ConcurrentHashMap<>();
  private final RunCounts ran = new RunCounts();

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
    String id = program.definition().id();
    if (!store.putProgramIfAbsent(global(id), json.one(program))) {
      return Kept.DUPLICATE;
    }
    ran.created(null, id);
    return Kept.YES;
  }

  private Kept create(String session, Dated program) {
    while (true) {
      Optional<Entry> before = store.get(entry(session));
      Map<String, Dated> programs = new LinkedHashMap<>(programs(session, before));
      String id = program.definition().id();
      if (programs.putIfAbsent(id, program) != null) {
        return Kept.DUPLICATE;
      }
      if (replaced(session, before, programs)) {
        ran.created(session, id);
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
    ran.executed(session, id, now);
  }

  @Override
  public boolean delete(String session, String id) {
    boolean deleted =
        asked(() -> session == null ? store.deleteProgram(global(id)) : deleteOf(session, id));
    ran.forget(session, id);
    if (session == null) {
      read.remove(global(id));
    }
    return deleted;
  }

  /** Of how many programs it is counted how often they ran. */
  int counted() {
    return ran.size();
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
    Attempts attempts = new Attempts();
    int count = session == null ? deleteGlobals(attempts) : deleteAllOf(session, attempts);
    attempts.end();
    return count;
  }

  private int deleteGlobals(Attempts attempts) {
    int count = 0;
    for (String id : attempts.of(this::globals).orElse(List.of())) {
      count += attempts.of(() -> delete(null, id)).orElse(false) ? 1 : 0;
    }
    return count;
  }

  /** Whatever they are: what cannot be read is deleted as well, and counts as one. */
  private int deleteAllOf(String session, Attempts attempts) {
    String name = entry(session);
    ran.forget(session);
    read.remove(name);
    Attempts counting = new Attempts();
    int had = counting.of(() -> asked(() -> programs(session, store.get(name)).size())).orElse(1);
    read.remove(name);
    boolean deleted = attempts.of(() -> asked(() -> store.delete(name))).orElse(false);
    if (deleted) {
      counting.told(
          failure ->
              LOG.log(
                  Level.WARNING,
                  "What was deleted as the programs of the session {0} could not be read: {1}",
                  SafeText.line(session),
                  SafeText.line(String.valueOf(failure.getMessage()))));
    }
    return deleted ? had : 0;
  }

  @Override
  public int clear() {
    Attempts attempts = new Attempts();
    int count = deleteGlobals(attempts);
    for (String session : attempts.of(this::sessions).orElse(List.of())) {
      count += deleteAllOf(session, attempts);
    }
    attempts.end();
    return count;
  }

  // ---- looks

  private Map<String, Dated> programs(String session, Optional<Entry> entry) {
    String name = entry(session);
    if (entry.isEmpty()) {
      read.remove(name);
      ran.forget(session);
      return Map.of();
    }
    return read(
        name,
        entry.get().state(),
        bytes -> {
          Map<String, Dated> programs = json.many(bytes, "the session " + session);
          ran.only(session, programs.keySet());
          return programs;
        });
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
    if (ran.worthLooking()) {
      keepCountsOfWhatThereIs();
    }
    return asked(() -> session == null ? findGlobal(id) : findOf(session, id));
  }

  private void keepCountsOfWhatThereIs() {
    ran.looked(); // First, so that one thread does it, and a store that fails is not asked anew.
    try {
      Set<String> sessions = Set.copyOf(sessions());
      ran.retain(sessions::contains, Set.copyOf(globals()));
    } catch (Refusal e) {
      LOG.log(Level.WARNING, "Counts of programs that are gone stay for now: {0}", e.getMessage());
    }
  }

  private Optional<ProgramInfo> findGlobal(String id) {
    String name = global(id);
    Optional<byte[]> found = store.getProgram(name);
    if (found.isEmpty()) {
      read.remove(name);
      ran.forget(null, id);
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
    RunCounts.Ran has = ran.of(session, id);
    return new ProgramInfo(
        id,
        Optional.ofNullable(session),
        program.definition(),
        program.createdAt(),
        has.count(),
        Optional.ofNullable(has.last()));
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

  @Override
  public boolean blocks() {
    return store.blocks();
  }
}
