// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The settings of a running pool: as they were configured, and as they are now. Whoever needs a
 * setting asks {@link #now} each time and keeps no copy, so that a change holds from then on. Any
 * thread may call; {@link #now} is one volatile read.
 */
public final class LiveConfig {

  /**
   * A setting that can be changed while the pool runs.
   *
   * @param setting its key, type, bound and meaning
   * @param configured its value at the start of the pool, as a user would write it
   * @param current its value now
   * @param changed when it was last changed, or null
   * @param by who did that, or empty
   */
  public record Value(
      Setting<?> setting, String configured, String current, Instant changed, String by) {

    /** Whether it differs from the configured value. */
    public boolean differs() {
      return !configured.equals(current);
    }
  }

  private record Changed(Instant at, String by) {}

  private final PoolConfig configured;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Changed> changes = new TreeMap<>(); // under the lock
  private volatile PoolConfig current;

  /**
   * Begins with the configured values.
   *
   * @param configured the pool's settings
   * @param clock stamps the changes
   */
  public LiveConfig(PoolConfig configured, Clock clock) {
    this.configured = configured;
    this.clock = clock;
    this.current = configured;
  }

  /** The settings as they are now. */
  public PoolConfig now() {
    return current;
  }

  /**
   * Changes a setting, which whoever asks sees from then on. A new size keeps the room for
   * overflow.
   *
   * @param key its key, without the pool's prefix
   * @param text its value, written as in the configuration
   * @param by who does it
   * @throws ConfigException naming what is wrong; nothing is changed then
   */
  public void change(String key, String text, String by) {
    Setting<?> setting = LiveSettings.of(key);
    lock.lock();
    try {
      List<String> problems = new ArrayList<>();
      PoolConfigBuilder builder = current.toBuilder();
      set(builder, setting, text, problems);
      if (problems.isEmpty()) {
        PoolConfig next = builder.build("", problems);
        if (problems.isEmpty()) {
          note(current.toBuilder(), next.toBuilder(), key, new Changed(clock.instant(), by));
          current = next;
          return;
        }
      }
      throw new ConfigException(problems);
    } finally {
      lock.unlock();
    }
  }

  /** A change may take others along: with the size, the room for overflow moves. */
  private void note(PoolConfigBuilder before, PoolConfigBuilder after, String key, Changed change) {
    changes.put(key, change);
    for (Setting<?> setting : LiveSettings.all()) {
      if (!before.text(setting).equals(after.text(setting))) {
        changes.put(setting.key(), change);
      }
    }
  }

  private <T> void set(
      PoolConfigBuilder builder, Setting<T> setting, String text, List<String> problems) {
    T value = setting.read(setting.key(), text, problems);
    builder.set(setting, value);
    if (setting == PoolSettings.SIZE && problems.isEmpty()) {
      int cores = Runtime.getRuntime().availableProcessors();
      int size = ((WorkerCount) value).resolve(cores, current.size());
      builder.size(size).maxSize(size + current.maxSize() - current.size());
    }
  }

  /**
   * The settings that can be changed.
   *
   * @return in the order of the documentation
   */
  public List<Value> values() {
    lock.lock();
    try {
      PoolConfigBuilder before = configured.toBuilder();
      PoolConfigBuilder after = current.toBuilder();
      return LiveSettings.all().stream()
          .map(
              setting -> {
                Changed change = changes.get(setting.key());
                return new Value(
                    setting,
                    before.text(setting),
                    after.text(setting),
                    change == null ? null : change.at(),
                    change == null ? "" : change.by());
              })
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The value of a setting that can be changed.
   *
   * @param key its key, without the pool's prefix
   * @return as a user would write it
   */
  public String text(String key) {
    return current.toBuilder().text(LiveSettings.of(key));
  }

  /**
   * What to write into the configuration so that the changes survive the next start.
   *
   * @return a properties file's lines; empty when nothing differs
   */
  public String export() {
    StringBuilder lines = new StringBuilder();
    for (Value value : values()) {
      if (value.differs()) {
        lines
            .append(KeyCatalogue.poolPrefix(configured.name()))
            .append(value.setting().key())
            .append('=')
            .append(value.current())
            .append('\n');
      }
    }
    return lines.toString();
  }
}
