// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The committed documents say what the catalogue says. */
@Tag("layer-1")
class ConfigDocsTest {
  static final String COMMAND = "mvn test -Dtest=ConfigDocsTest -Dserpentry.regenerate=true";

  @Test
  void configurationPageIsGeneratedFromTheCatalogue() throws IOException {
    assertCurrent(Path.of("docs", "configuration.md"), ConfigDocs.markdown());
  }

  @Test
  void annotatedFileIsGeneratedFromTheCatalogue() throws IOException {
    assertCurrent(Path.of("config", "annotated.properties"), ConfigDocs.annotated());
  }

  @Test
  void annotatedFileWithEveryKeySwitchedOnIsValidAndMeansTheDefaults() throws IOException {
    String everything = ConfigDocs.annotated().replace("#serpentry.", "serpentry.");
    Properties properties = new Properties();
    properties.load(new StringReader(everything));

    ApplicationConfig config = ConfigReader.of(properties).read();

    assertThat(properties)
        .hasSize(
            KeyCatalogue.applicationSettings().size() + KeyCatalogue.poolSettings().size() + 1);
    PoolConfig pool = config.pools().get("default");
    assertThat(pool.environment(3)).containsEntry("CUDA_VISIBLE_DEVICES", "3");
    PoolConfig defaults =
        PoolConfig.builder("default").environment("CUDA_VISIBLE_DEVICES", "{slot}").build();
    assertThat(pool.toBuilder().build()).hasToString(defaults.toBuilder().build().toString());
  }

  private static void assertCurrent(Path file, String text) throws IOException {
    if (Boolean.getBoolean("serpentry.regenerate")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    }
    assertThat(file).exists();
    assertThat(Files.readString(file))
        .as("%s differs from the catalogue; regenerate it: %s", file, COMMAND)
        .isEqualTo(text);
  }
}
