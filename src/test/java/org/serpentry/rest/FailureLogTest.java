// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.serpentry.api.BindingException.Direction.ARGUMENT;

import jakarta.servlet.ServletException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.BindingException;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonError;

/** What the operator finds under a correlation id. */
@Tag("layer-1")
class FailureLogTest {
  private record Entry(Level level, String text, Throwable thrown) {}

  private static final String FORGED = "the reason\r\n2026-11-22 INFO forged \u001b[31m";

  private final List<Entry> records = new ArrayList<>();
  private final Logger log =
      new Logger() {
        @Override
        public String getName() {
          return "test";
        }

        @Override
        public boolean isLoggable(Level level) {
          return true;
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String text, Throwable thrown) {
          records.add(new Entry(level, text, thrown));
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String text, Object... parameters) {
          records.add(new Entry(level, text, null));
        }
      };

  @Test
  void theIdStandsBesideTheFullException() {
    Throwable thrown =
        new PythonCallException(
            ErrorContext.ofPool("ml"),
            "reviews:score",
            new PythonError("builtins.ValueError", "the reason", "", List.of(), false));

    FailureLog.write(
        log, "id-1", "POST", "/api/functions/reviews/score", Failure.of(thrown), thrown);

    assertThat(records).hasSize(1);
    assertThat(records.get(0).level()).isEqualTo(Level.WARNING);
    assertThat(records.get(0).thrown()).hasToString(thrown.toString());
    assertThat(records.get(0).thrown().getStackTrace()).isEqualTo(thrown.getStackTrace());
    assertThat(records.get(0).text())
        .contains("id-1", "/api/functions/reviews/score", "500", "python-error");
  }

  @Test
  void aRefusalIsOneLineWithItsReason() {
    Throwable thrown = new RefusedException(Problem.FORBIDDEN, "lacks the role {0}");

    FailureLog.write(log, "id-2", "POST", "/" + "x".repeat(9000), Failure.of(thrown), thrown);

    assertThat(records).hasSize(1);
    assertThat(records.get(0).level()).isEqualTo(Level.INFO);
    assertThat(records.get(0).thrown()).isNull();
    assertThat(records.get(0).text()).contains("id-2", "lacks the role {0}");
    assertThat(records.get(0).text().length()).isLessThan(500);
  }

  @Test
  void whatPythonWroteForgesNoRecord() {
    Throwable thrown =
        new PythonCallException(
            ErrorContext.ofPool("ml"),
            "reviews:score",
            new PythonError("builtins.ValueError", FORGED, FORGED, List.of(), false));
    Throwable other = new IllegalStateException(FORGED, new IllegalArgumentException(FORGED));
    other.addSuppressed(thrown); // In a circle.
    thrown.addSuppressed(other);

    FailureLog.write(log, "id-3", "POST", "/x", Failure.of(thrown), thrown);

    StringWriter printed = new StringWriter();
    records.get(0).thrown().printStackTrace(new PrintWriter(printed));
    assertThat(printed.toString().lines().filter(line -> line.contains("reason")))
        .hasSizeGreaterThanOrEqualTo(3)
        .allMatch(line -> line.contains("reason\\r\\n2026-11-22"));
    assertThat(printed.toString().lines()).noneMatch(line -> line.startsWith("2026"));
    assertThat(records.get(0).thrown().getMessage()).doesNotContain("\n", "\r");
  }

  @Test
  void whatAClientDidWrongLeavesOneLineWithoutAStackTrace() {
    Throwable password =
        new RefusedException(Problem.UNAUTHENTICATED, "not known", new ServletException(FORGED));
    Throwable binding =
        new BindingException(
            ErrorContext.ofPool("ml"), ARGUMENT, "\n" + "x".repeat(9_000), new Exception(FORGED));

    for (Throwable thrown : List.of(password, binding)) {
      FailureLog.write(log, "id-4", "POST\n", "/x", Failure.of(thrown), thrown);
    }

    assertThat(records).hasSize(2).allMatch(entry -> entry.level() == Level.INFO);
    assertThat(records).allMatch(entry -> entry.thrown() == null && entry.text().length() < 3_000);
    assertThat(records).noneMatch(entry -> entry.text().contains("\n"));
    assertThat(records.get(0).text()).contains("401", "not known", "reason\\r\\n2026-11-22");
    assertThat(records.get(1).text()).contains("400", "BindingException", "\\nxxx");
  }
}
