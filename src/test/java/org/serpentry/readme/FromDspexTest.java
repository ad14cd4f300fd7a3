// SPDX-License-Identifier: Apache-2.0
package org.serpentry.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
  private static final Pattern TESTS =
      Pattern.compile("`(?:[A-Z]\\w+(?:Test|IT)(?:\\.\\w+)?|\\.\\w+|test_\\w+)`");
  private static final Pattern PYTHON = Pattern.compile("`(test_\\w+)`");
  private static final Pattern SAYS_NOTHING =
      Pattern.compile("(?i)(?:all|the same|same|yes|todo|\\?|…|-|–)?");

  /** A line of one of the page's tables. */
  private record Row(String line, List<String> heads, List<String> cells) {
    String cell(String head) {
      return cells.get(heads.indexOf(head));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"docs/from-dspex.md", "docs/security.md"})
  void everyTestThatAPageNamesExists(Path page) throws IOException {
    Map<String, String> sources = sources(Path.of("src/test/java"), ".java");
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
  void everyTestOfPythonThatTheMappingNamesExists() throws IOException {
    String sources = String.join("\n", sources(Path.of("python/tests"), ".py").values());
    TreeSet<String> missing = new TreeSet<>();
    int named = 0;
    Matcher matcher = PYTHON.matcher(Files.readString(PAGE));
    while (matcher.find()) {
      named++;
      if (!sources.contains("def " + matcher.group(1) + "(")) {
        missing.add(matcher.group(1));
      }
    }
    assertThat(named).isPositive();
    assertThat(missing).isEmpty();
  }

  @Test
  void everyRowOfTheMappingSaysSomethingInEachCell() throws IOException {
    for (Row row : rows()) {
      assertThat(row.cells()).as(row.line()).hasSameSizeAs(row.heads());
      assertThat(row.cells()).as(row.line()).noneMatch(String::isBlank);
      assertThat(row.heads()).as(row.line()).contains("Here", "Test");
      assertThat(row.cell("Here")).as(row.line()).doesNotMatch(SAYS_NOTHING);
      assertThat(row.cells().get(0)).as(row.line()).doesNotMatch("(?i)(?:all|the same|\\?|…)?");
    }
  }

  @Test
  void everyRowOfTheMappingNamesTestsAndNothingElseInTheirPlace() throws IOException {
    for (Row row : rows()) {
      String tests = row.cell("Test");
      assertThat(TESTS.matcher(tests).results()).as(row.line()).isNotEmpty();
      assertThat(TESTS.matcher(tests).replaceAll("")).as(row.line()).matches("[, ]*");
      assertThat(tests).as("its first test has a class: %s", row.line()).doesNotStartWith("`.");
    }
  }

  @Test
  void noRowOfTheMappingIsThereTwice() throws IOException {
    List<Row> rows = rows();
    Set<String> lines = rows.stream().map(Row::line).collect(Collectors.toSet());
    assertThat(lines).hasSameSizeAs(rows);
  }

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    List<String> heads = null;
    for (String line : Files.readAllLines(PAGE)) {
      if (!line.startsWith("|")) {
        heads = null;
      } else if (heads == null) {
        heads = cells(line);
      } else if (!line.matches("[|\\- ]+")) {
        rows.add(new Row(line, heads, cells(line)));
      }
    }
    assertThat(rows).hasSizeGreaterThan(200);
    return rows;
  }

  private static List<String> cells(String line) {
    assertThat(line).endsWith("|");
    return Arrays.stream(line.substring(1, line.length() - 1).split("(?<!\\\\)\\|", -1))
        .map(String::strip)
        .toList();
  }

  private static Map<String, String> sources(Path root, String suffix) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.toString().endsWith(suffix))
          .collect(
              Collectors.toMap(
                  file -> file.getFileName().toString().replace(suffix, ""),
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
