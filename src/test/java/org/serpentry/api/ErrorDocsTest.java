// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every exception is described, and every one that can be made carries category, type, context. */
@Tag("layer-1")
class ErrorDocsTest {

  @Test
  void theTableOfErrorsNamesEveryExceptionOfTheApi() throws IOException {
    List<String> pages = List.of("docs/errors.md", "docs/sessions.md", "docs/dspy.md");
    StringBuilder text = new StringBuilder();
    for (String page : pages) {
      Path file = Path.of(page);
      text.append(Files.exists(file) ? Files.readString(file) : "");
    }
    Set<String> missing = new TreeSet<>(exceptions());
    missing.removeIf(name -> text.indexOf("`" + name + "`") >= 0);

    assertThat(exceptions()).contains("PythonCallException", "PoolFailedException");
    assertThat(missing).as("exceptions that docs/errors.md does not name").isEmpty();
  }

  @Test
  void everyExceptionHasACategoryATypeAndAContext() {
    Set<String> made =
        PythonPoolExceptionTest.everySubtype()
            .peek(
                failure -> {
                  assertThat(failure.category()).as("%s", failure).isNotNull();
                  assertThat(failure.type()).as("%s", failure).matches("[a-z]+(_[a-z]+)*");
                  assertThat(failure.context()).as("%s", failure).isNotNull();
                  assertThat(failure.pool()).as("%s", failure).isEqualTo("ml");
                })
            .map(failure -> failure.getClass().getSimpleName())
            .collect(Collectors.toSet());
    Set<String> expected = new TreeSet<>(exceptions());
    expected.removeAll(Arrays.asList("PythonPoolException", "AbandonedCallException"));

    assertThat(made).containsAll(expected);
  }

  @Test
  void theTableNamesTheTypeOfEveryException() throws IOException {
    String page = Files.readString(Path.of("docs/errors.md"));
    PythonPoolExceptionTest.everySubtype()
        .filter(failure -> !(failure instanceof TransientPythonPoolException))
        .filter(failure -> !failure.type().startsWith("session_"))
        .forEach(failure -> assertThat(page).contains("`" + failure.type() + "`"));
  }

  private static Set<String> exceptions() {
    return new ClassFileImporter()
        .importPackages("org.serpentry").stream()
            .filter(type -> type.isAssignableTo(PythonPoolException.class))
            .filter(type -> type.getPackageName().equals("org.serpentry.api"))
            .map(JavaClass::getSimpleName)
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toCollection(TreeSet::new));
  }
}
