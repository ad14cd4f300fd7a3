// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.serpentry.config.ConfigException;
import org.serpentry.spi.Codec;

/** The script of a mock that nobody scripts: configured answers, and invented ones for the rest. */
public final class MockAnswers {

  private MockAnswers() {}

  /**
   * Reads a file of answers.
   *
   * @param file a JSON object of answers by {@code module:function}, {@code module:*} or {@code *};
   *     empty for none
   * @param codec reads it
   * @return the script
   * @throws ConfigException when the file cannot be read or is not of that form
   */
  public static MockScript script(Optional<Path> file, Codec codec) {
    MockScript script = new MockScript().invent();
    file.ifPresent(path -> read(path, codec, script));
    return script;
  }

  private static void read(Path path, Codec codec, MockScript script) {
    try {
      byte[] utf8 = Files.readAllBytes(path);
      if (!(codec.<Object>decode(utf8, 0, utf8.length, Object.class)
          instanceof Map<?, ?> answers)) {
        throw new IllegalArgumentException("it holds no JSON object");
      }
      // The newest rule counts: patterns first, so that what names a function is heard before them.
      answers.forEach((key, value) -> add(script, String.valueOf(key), value, true));
      answers.forEach((key, value) -> add(script, String.valueOf(key), value, false));
    } catch (IOException | RuntimeException e) {
      throw new ConfigException(
          java.util.List.of("mock-answers=" + path + " cannot be read: " + e.getMessage()));
    }
  }

  private static void add(MockScript script, String key, Object value, boolean patterns) {
    if (key.endsWith("*") == patterns) {
      script.when(key).returns(value);
    }
  }
}
