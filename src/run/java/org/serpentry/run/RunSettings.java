// SPDX-License-Identifier: Apache-2.0
package org.serpentry.run;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/**
 * What the server of a run is told: {@code config/development.properties}, and on top of it the
 * examples, REST, the status page and the metrics for callers on loopback, and the language model.
 */
final class RunSettings {
  private static final Path DEVELOPMENT = Path.of("config/development.properties");
  private static final Path REQUIREMENTS = Path.of("python/examples/requirements.lock");
  private static final String POOL = "serpentry.pool.default.";

  // As a variable and not as a property: JMX shows a server's properties to whoever may read.
  private static final String KEY_VARIABLE =
      "SERPENTRY_POOL_DEFAULT_ENVIRONMENT_SERPENTRY_LM_KEY";

  private final Properties properties = new Properties();
  private final LanguageModel model;

  private RunSettings(LanguageModel model) {
    this.model = model;
  }

  /**
   * Puts them together.
   *
   * @param python the interpreter that the workers' environment is made from
   * @param cache where environments are kept; empty: the pool's default
   * @throws IOException when the ready file cannot be read
   */
  static RunSettings of(LanguageModel model, String python, String cache) throws IOException {
    RunSettings settings = new RunSettings(model);
    try (Reader ready = Files.newBufferedReader(DEVELOPMENT)) {
      settings.properties.load(ready);
    }
    settings.put("mp.config.profile", "development");
    settings.put("serpentry.rest.enabled", "true");
    settings.put("serpentry.rest.functions", "digits:*,answers:*");
    settings.put("serpentry.rest.status-page", "true");
    settings.put("serpentry.rest.metrics", "true");
    settings.put(POOL + "interpreter", python);
    settings.put(POOL + "requirements", REQUIREMENTS.toAbsolutePath().toString());
    settings.put(POOL + "preload", "digits,answers");
    // The first import after the installation compiles and reads everything from the disk.
    settings.put(POOL + "start-timeout", "180s");
    settings.put(POOL + "environment.SERPENTRY_LM_ENDPOINT", model.endpoint());
    settings.put(POOL + "environment.SERPENTRY_LM_MODEL", model.model());
    if (!cache.isEmpty()) {
      settings.put(POOL + "environment-cache", Path.of(cache).toAbsolutePath().toString());
    }
    return settings;
  }

  private void put(String key, String value) {
    properties.setProperty(key, value);
  }

  /** Writes them to a file for the server. */
  void write(Path file) throws IOException {
    try (Writer out = Files.newBufferedWriter(file)) {
      properties.store(out, "Made by mvn -Prun");
    }
  }

  /** Adds to the server's environment what must not be a property. */
  void addTo(Map<String, String> environment) {
    if (!model.key().isEmpty()) {
      environment.put(KEY_VARIABLE, model.key());
    }
  }
}
