// SPDX-License-Identifier: Apache-2.0
package org.serpentry.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests carry the tags by which parts of them run alone. */
@Tag("layer-1")
class TagsTest {

  private static final Path TESTS = Path.of("src/test/java");

  private static List<Path> sources(String end) throws IOException {
    try (Stream<Path> files = Files.walk(TESTS)) {
      return files.filter(file -> file.toString().endsWith(end)).toList();
    }
  }

  private static boolean has(Path file, String text) {
    try {
      return Files.readString(file).contains(text);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void noTestOfAServerIsInTheGroupForWhichNoServerIsPrepared() throws IOException {
    assertThat(sources("IT.java")).isNotEmpty().noneMatch(it -> has(it, "\"core-pool\""));
  }

  @Test
  void everyTestIsOfALayer() throws IOException {
    assertThat(sources("Test.java")).allMatch(TagsTest::isOfALayerOrOfAProfile);
    assertThat(sources("IT.java")).allMatch(TagsTest::isOfALayerOrOfAProfile);
  }

  private static boolean isOfALayerOrOfAProfile(Path file) {
    return has(file, "@Tag(\"layer-")
        || has(file, "@Tag(\"chaos\")")
        || has(file, "@Tag(\"soak\")")
        || has(file, "abstract class")
        || has(file, "@interface")
        || !has(file, "  @Test\n");
  }
}
