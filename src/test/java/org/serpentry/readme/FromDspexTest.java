// SPDX-License-Identifier: Apache-2.0
package org.serpentry.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a page says is shown by a test is shown by one that there is. */
@Tag("layer-1")
class FromDspexTest {
  private static final Path PAGE = Path.of("docs/from-dspex.md");
  private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w+(?:Test|IT))?(?:\\.(\\w+))?`");

  @ParameterizedTest
  @ValueSource(strings = {"docs/from-dspex.md", "docs/security.md"})
  void everyTestThatAPageNamesExists(Path page) throws IOException {
    Map<String, String> sources = sources();
    TreeSet<String> missing = new TreeSet<>();
    int named = 0;
    for (String line : Files.readAllLines(page)) {
      String test = null;
      Matcher matcher = NAMED.matcher(line);
      while (matcher.find()) {
        test = matcher.group(1) != null ? matcher.group(1) : test;
        String method = matcher.group(2);
        if (test == null) {
          continue;
        }
        named++;
        String source = sources.get(test);
        if (source == null || (method != null && !source.contains("void " + method + "("))) {
          missing.add(test + (method == null ? "" : "." + method));
        }
      }
    }
    assertThat(named).isPositive();
    assertThat(missing).isEmpty();
  }

  @Test
  void noCellOfTheMappingIsEmpty() throws IOException {
    List<String> rows = Files.readAllLines(PAGE).stream().filter(l -> l.startsWith("|")).toList();
    assertThat(rows).isNotEmpty().allMatch(row -> row.endsWith("|"));
    assertThat(rows).noneMatch(row -> row.replace(" ", "").contains("||"));
  }

  private static Map<String, String> sources() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .collect(
              Collectors.toMap(
                  file -> file.getFileName().toString().replace(".java", ""),
                  FromDspexTest::read,
                  (one, other) -> one + other));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
