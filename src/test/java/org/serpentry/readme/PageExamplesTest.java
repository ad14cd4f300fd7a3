// SPDX-License-Identifier: Apache-2.0
package org.serpentry.readme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.testkit.engine.EngineTestKit;

/** What pages show as Java is Java: each paragraph of it stands in a source of this package. */
@Tag("layer-1")
class PageExamplesTest {

  private static final Pattern JAVA_BLOCK =
      Pattern.compile("^```java\\R(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(Path.of("README.md")));
    try (Stream<Path> files = Files.list(Path.of("docs"))) {
      files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages;
  }

  @ParameterizedTest
  @MethodSource("pages")
  void whatAPageShowsCompiles(Path page) throws IOException {
    String sources = sources();

    assertThat(paragraphs(page))
        .allSatisfy(paragraph -> assertThat(sources).contains(plain(paragraph)));
  }

  @Test
  void thereAreExamples() throws IOException {
    assertThat(paragraphs(Path.of("docs/testing.md"))).hasSizeGreaterThan(3);
  }

  @ParameterizedTest
  @ValueSource(classes = {TestingExamples.ReportTest.class, TestingExamples.ChatTest.class})
  void theTestsOfThePageAboutTestsSucceed(Class<?> test) {
    EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(test))
        .enableImplicitConfigurationParameters(false)
        .execute()
        .allEvents()
        .assertStatistics(s -> s.failed(0).aborted(0).skipped(0));
  }

  private static List<String> paragraphs(Path page) throws IOException {
    List<String> paragraphs = new ArrayList<>();
    Matcher block = JAVA_BLOCK.matcher(Files.readString(page));
    while (block.find()) {
      paragraphs.addAll(List.of(block.group(1).split("\\R\\s*\\R")));
    }
    return paragraphs;
  }

  private static String sources() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/java/org/serpentry/readme"))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(PageExamplesTest::read)
          .collect(Collectors.joining());
    }
  }

  private static String read(Path file) {
    try {
      return plain(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without comments at the ends of lines, blanks, and that a class is nested in another. */
  private static String plain(String java) {
    return java.replaceAll("(?m)(^|\\s)//.*$", "")
        .replaceAll("\\bstatic class\\b", "class")
        .replaceAll("\\s+", "");
  }
}
