// SPDX-License-Identifier: Apache-2.0
package org.serpentry.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The README says what is so. */
@Tag("layer-1")
class ReadmeTest {
  private static final Path README = Path.of("README.md");
  private static final Path EXAMPLE =
      Path.of("src/test/java/org/serpentry/readme/DigitReader.java");
  private static final Pattern JAVA_BLOCK =
      Pattern.compile("^```java\\R(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");

  @Test
  void theExampleIsTheOneThatCompiles() throws IOException {
    Matcher block = JAVA_BLOCK.matcher(Files.readString(README));
    assertThat(block.find()).as("a block of Java in the README").isTrue();

    String source = Files.readString(EXAMPLE);
    String shown = source.substring(source.indexOf("import "));
    assertThat(block.group(1)).isEqualTo(shown);
  }

  @Test
  void everyLinkIntoTheProjectLeadsSomewhere() throws IOException {
    List<String> links =
        LINK.matcher(Files.readString(README))
            .results()
            .map((MatchResult m) -> m.group(1))
            .toList();

    assertThat(links).isNotEmpty().allSatisfy(link -> assertThat(Path.of(link)).exists());
  }
}
