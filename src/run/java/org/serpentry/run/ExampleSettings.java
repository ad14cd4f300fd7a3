// SPDX-License-Identifier: Apache-2.0
package org.serpentry.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.nio.file.Files;

/** The settings of {@code mvn -Prun}: those for development, and both examples over REST. */
final class ExampleSettings {
  private static final Path DEVELOPMENT = Path.of("config/development.properties");
  private static final Path REQUIREMENTS = Path.of("python/examples/requirements.lock");
  private static final String POOL = "serpentry.pool.default.";

  private ExampleSettings() {}

  /**
   * Writes them, readable by the owner only: a key of a language model may be among them.
   *
   * @param directory where to put the file
   * @return the file
   */
  static Path write(Path directory, LanguageModel model) throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(DEVELOPMENT));
    lines.add("mp.config.profile=development");
    lines.add("serpentry.rest.enabled=true");
    lines.add("serpentry.rest.functions=digits:*,answers:*");
    lines.add(POOL + "requirements=" + REQUIREMENTS.toAbsolutePath());
    lines.add(POOL + "preload=digits,answers");
    lines.add(POOL + "start-timeout=300s");
    model
        .variables()
        .forEach((name, value) -> lines.add(POOL + "environment." + name + "=" + value));
    Path file = directory.resolve("run.properties");
    JmxAccess.writePrivately(file, lines);
    return file;
  }
}
