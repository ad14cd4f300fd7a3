// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.serpentry.config.ModelConfig;

/**
 * The language model of the settings, which is in force until another one is configured. Where its
 * key lies in a file, the file is looked at again once a second at most, and another key in it
 * replaces the one in force. Any thread; a look reads one small file.
 */
final class ConfiguredLm {

  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final String pool;
  private final ModelConfig config;
  private final LmVersions models;
  private final LongSupplier nanoTime;
  private final Logger log;
  private final ReentrantLock looking = new ReentrantLock();
  private String complaint = ""; // under the lock
  private volatile LmVersions.Numbered ours; // written under the lock
  private volatile boolean watches;
  private volatile long next;

  /**
   * Puts the model of the settings in force, where there is one.
   *
   * @throws Refusal when the file of its key cannot be used
   */
  ConfiguredLm(String pool, ModelConfig config, LmVersions models, LongSupplier nanoTime) {
    this(pool, config, models, nanoTime, System.getLogger(ConfiguredLm.class.getName()));
  }

  ConfiguredLm(
      String pool, ModelConfig config, LmVersions models, LongSupplier nanoTime, Logger log) {
    this.pool = pool;
    this.config = config;
    this.models = models;
    this.nanoTime = nanoTime;
    this.log = log;
    if (config.model().isEmpty()) {
      return;
    }
    looking.lock();
    try {
      boolean published =
          publish(config.apiKeyFile().isPresent() ? read() : config.apiKey().reveal());
      next = nanoTime.getAsLong() + PAUSE_NANOS;
      watches = published && config.apiKeyFile().isPresent();
    } finally {
      looking.unlock();
    }
  }

  /** Has a changed key take effect. A file that cannot be used is told and leaves the old one. */
  void look() {
    if (!watches || nanoTime.getAsLong() - next < 0 || !looking.tryLock()) {
      return;
    }
    try {
      next = nanoTime.getAsLong() + PAUSE_NANOS;
      if (!ours.equals(models.of(null))) {
        watches = false; // Somebody has configured another model, key included.
        return;
      }
      String found = read();
      complaint = "";
      if (!found.equals(ours.settings().key())) {
        watches = publish(found);
        log.log(
            Level.INFO,
            watches
                ? "[{0}] Another key of {1} is in force, from {2}"
                : "[{0}] Another model was configured in place of {1}; the key that {2} has now is not used",
            pool,
            config.model(),
            file());
      }
    } catch (Refusal e) {
      if (!complaint.equals(e.getMessage())) { // Once for each cause.
        complaint = e.getMessage();
        log.log(Level.WARNING, "[{0}] The key before stays in force: {1}", pool, complaint);
      }
    } finally {
      looking.unlock();
    }
  }

  /**
   * What to write into the settings so that a pool begins with another model.
   *
   * @param other the model
   * @return a properties file's lines without any key
   */
  String export(LmConfig other) {
    LmVersions.Numbered begun = ours;
    return new ModelExport(pool, config, begun == null ? "" : begun.settings().key()).of(other);
  }

  private Path file() {
    return config.apiKeyFile().orElseThrow();
  }

  private String read() {
    String found;
    try {
      found = Files.readString(file()).strip();
    } catch (IOException e) {
      throw refused("cannot be read: " + e, e);
    }
    if (found.isEmpty()) {
      throw refused("is empty", null);
    }
    if (found.chars().anyMatch(Character::isWhitespace)) {
      throw refused("has more than one word, and must hold the key alone", null);
    }
    return found;
  }

  private Refusal refused(String why, IOException cause) {
    return new Refusal(
        DspyProblem.LM_SETTINGS,
        "the file %s (serpentry.pool.%s.lm-api-key-file) %s".formatted(file(), pool, why),
        cause);
  }

  /** False when somebody has configured another model meanwhile, which stays in force. */
  private boolean publish(String found) {
    LmConfig.Builder builder =
        LmConfig.model(config.model()).retries(config.retries()).cache(config.cache());
    if (!found.isEmpty()) {
      builder.apiKey(found);
    }
    if (!config.apiBase().isEmpty()) {
      builder.apiBase(config.apiBase());
    }
    config.temperature().ifPresent(builder::temperature);
    if (config.maxTokens() > 0) {
      builder.maxTokens(config.maxTokens());
    }
    if (!config.timeout().isZero()) {
      builder.timeout(config.timeout());
    }
    LmVersions.Numbered fresh = models.number(null, builder.build());
    if (ours == null) {
      models.publish(fresh);
    } else if (!models.replace(ours, fresh)) {
      return false;
    }
    ours = fresh;
    return true;
  }
}
