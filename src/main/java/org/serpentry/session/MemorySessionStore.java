// SPDX-License-Identifier: Apache-2.0
package org.serpentry.session;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.serpentry.spi.SessionStore;

/** States and programs in this JVM's memory. Any thread may call; nothing blocks. */
public final class MemorySessionStore implements SessionStore {

  /** What an entry costs besides its state, about. */
  private static final int OVERHEAD = 200;

  private static final class Held {
    final Entry entry;
    volatile long lastUse;

    Held(Entry entry, long lastUse) {
      this.entry = entry;
      this.lastUse = lastUse;
    }
  }

  private final LongSupplier nanoTime;
  private final long ttlNanos;
  private final long limit;
  private final Map<String, Held> states = new ConcurrentHashMap<>();
  private final Map<String, byte[]> programs = new ConcurrentHashMap<>();
  private final AtomicLong bytes = new AtomicLong();
  private final LongAdder expired = new LongAdder();
  private final LongAdder conflicts = new LongAdder();

  /**
   * An empty store.
   *
   * @param nanoTime measures time, as {@link System#nanoTime()}
   * @param ttl time since its last use after which a state is dropped
   * @param limit the bytes that it may hold, some 200 for each entry included
   */
  public MemorySessionStore(LongSupplier nanoTime, Duration ttl, long limit) {
    this.nanoTime = nanoTime;
    this.ttlNanos = ttl.toNanos();
    this.limit = limit;
  }

  @Override
  public boolean blocks() {
    return false;
  }

  @Override
  public Optional<Entry> get(String id) {
    Held held = states.get(id);
    if (held == null) {
      return Optional.empty();
    }
    long now = nanoTime.getAsLong();
    if (stale(held, now)) {
      drop(id, held);
      return Optional.empty();
    }
    held.lastUse = now;
    return Optional.of(held.entry);
  }

  @Override
  public boolean replace(String id, long version, byte[] state) {
    boolean[] done = new boolean[1];
    states.compute(
        id,
        (key, held) -> {
          done[0] = version(held) == version;
          return done[0] ? changed(key, held, state) : held;
        });
    if (!done[0]) {
      conflicts.increment();
    }
    return done[0];
  }

  @Override
  public Optional<Entry> update(String id, UnaryOperator<byte[]> change) {
    Entry[] made = new Entry[1];
    states.computeIfPresent(
        id,
        (key, held) -> {
          if (version(held) == 0) {
            return held; // Stale; the next sweep drops it.
          }
          Held next = changed(key, held, change.apply(held.entry.state()));
          made[0] = next.entry;
          return next;
        });
    return Optional.ofNullable(made[0]);
  }

  private long version(Held held) {
    return held == null || stale(held, nanoTime.getAsLong()) ? 0 : held.entry.version();
  }

  /**
   * What takes the place of an entry, or of a stale or no one; nothing is changed when it throws.
   */
  private Held changed(String id, Held before, byte[] state) {
    reserve(size(id, state) - (before == null ? 0 : size(id, before.entry.state())));
    long version = version(before);
    if (before != null && version == 0) {
      expired.increment();
    }
    return new Held(new Entry(version + 1, state), nanoTime.getAsLong());
  }

  private void reserve(long more) {
    long now;
    do { // In one step: what is refused must not take room from others for a moment.
      now = bytes.get();
      if (more > 0 && now + more > limit) {
        throw new FullException(
            "the session store holds %d of %d bytes and has no room for %d more"
                .formatted(now, limit, more));
      }
    } while (!bytes.compareAndSet(now, now + more));
  }

  private static long size(String key, byte[] value) {
    return OVERHEAD + 2L * key.length() + value.length;
  }

  private boolean stale(Held held, long now) {
    return now - held.lastUse >= ttlNanos;
  }

  private boolean drop(String id, Held held) {
    if (!states.remove(id, held)) {
      return false;
    }
    bytes.addAndGet(-size(id, held.entry.state()));
    expired.increment();
    return true;
  }

  @Override
  public boolean delete(String id) {
    Held held = states.remove(id);
    if (held == null) {
      return false;
    }
    bytes.addAndGet(-size(id, held.entry.state()));
    return true;
  }

  @Override
  public List<String> list() {
    long now = nanoTime.getAsLong();
    return states.entrySet().stream()
        .filter(entry -> !stale(entry.getValue(), now))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  @Override
  public int sweep() {
    long now = nanoTime.getAsLong();
    int count = 0;
    for (Map.Entry<String, Held> entry : states.entrySet()) {
      if (stale(entry.getValue(), now) && drop(entry.getKey(), entry.getValue())) {
        count++;
      }
    }
    return count;
  }

  @Override
  public Statistics statistics() {
    return new Statistics(
        states.size(), programs.size(), bytes.get(), limit, expired.sum(), conflicts.sum());
  }

  // ---- programs

  @Override
  public void putProgram(String name, byte[] program) {
    programs.compute(
        name,
        (key, before) -> {
          reserve(size(key, program) - (before == null ? 0 : size(key, before)));
          return program.clone();
        });
  }

  @Override
  public boolean putProgramIfAbsent(String name, byte[] program) {
    boolean[] put = new boolean[1];
    programs.computeIfAbsent(
        name,
        key -> {
          reserve(size(key, program));
          put[0] = true;
          return program.clone();
        });
    return put[0];
  }

  @Override
  public Optional<byte[]> getProgram(String name) {
    return Optional.ofNullable(programs.get(name)).map(byte[]::clone);
  }

  @Override
  public boolean deleteProgram(String name) {
    byte[] program = programs.remove(name);
    if (program == null) {
      return false;
    }
    bytes.addAndGet(-size(name, program));
    return true;
  }

  @Override
  public List<String> listPrograms() {
    return programs.keySet().stream().sorted().toList();
  }
}
