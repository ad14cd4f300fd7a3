// SPDX-License-Identifier: Apache-2.0
package org.serpentry;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The rooms of the design and their walls. */
@Tag("layer-1")
class ArchitectureTest {
  private static final String ROOT = "org.serpentry.";
  private static final String[] PLAIN = {
    "pool",
    "worker",
    "attachment",
    "transport",
    "protocol",
    "session",
    "health",
    "recovery",
    "config",
    "environment",
    "telemetry",
    "mock",
    "fallback",
    "adapter",
    "management",
    "metrics"
  };
  private static final List<String> LEAVES = List.of("cli", "client", "dspy", "rest", "messaging");
  private static final int MOST_LINES = 400;
  private static final Path MAIN = Path.of("src", "main", "java");
  private static final Path TEST = Path.of("src", "test", "java");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.serpentry");

  @Test
  void theCoreIsPlainJava() {
    noClasses()
        .that()
        .resideInAnyPackage(packages(PLAIN))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("jakarta..", "org.eclipse.microprofile..")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void theCodecKnowsOnlyTheJsonPartOfJakarta() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "codec..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("jakarta..", "org.eclipse.microprofile..")
                .and(not(resideInAnyPackage("jakarta.json..", "jakarta.json.bind.."))))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void onlyManagementSpeaksJmx() {
    noClasses()
        .that(not(resideInAnyPackage(ROOT + "management..", ROOT + "cli..")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("javax.management..")
        .check(CLASSES);
  }

  @Test
  void onlyMetricsKnowsMicrometerAndPrometheus() {
    noClasses()
        .that(not(resideInAnyPackage(ROOT + "metrics..")))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.micrometer..", "io.prometheus..")
        .check(CLASSES);
  }

  @Test
  void roomsDoNotDependOnEachOtherInACircle() {
    slices().matching(ROOT + "(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void nobodyImportsALeaf() {
    for (String leaf : LEAVES) {
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + leaf + "..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ROOT + leaf + "..")
          .check(CLASSES);
    }
  }

  @Test
  void everyPackageSaysWhatItIsFor() throws IOException {
    Set<Path> silent = new TreeSet<>();
    for (Path file : sources(MAIN)) {
      Path info = file.resolveSibling("package-info.java");
      if (!Files.exists(info) || !Files.readString(info).contains("/**")) {
        silent.add(file.getParent());
      }
    }
    assertThat(silent).as("packages without a package-info that says what they are for").isEmpty();
  }

  @Test
  void filesStayShort() throws IOException {
    Set<String> tooLong = new TreeSet<>();
    for (Path root : List.of(MAIN, TEST)) {
      for (Path file : sources(root)) {
        long lines = Files.readAllLines(file).size();
        if (lines >= MOST_LINES) {
          tooLong.add(file + ": " + lines + " lines");
        }
      }
    }
    assertThat(tooLong).as("files of %d lines or more", MOST_LINES).isEmpty();
  }

  @Test
  void theRulesSeeTheClassesTheySpeakOf() {
    assertThat(CLASSES.contain(ROOT + "config.PoolConfig")).isTrue();
    assertThat(sourcesOf("config")).isNotEmpty();
  }

  private static Set<String> sourcesOf(String room) {
    return CLASSES.stream()
        .filter(type -> type.getPackageName().equals(ROOT + room))
        .map(type -> type.getSimpleName())
        .collect(Collectors.toSet());
  }

  private static String[] packages(String... rooms) {
    return Stream.of(rooms).map(room -> ROOT + room + "..").toArray(String[]::new);
  }

  private static List<Path> sources(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList();
    }
  }
}
