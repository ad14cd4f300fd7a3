// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonError;

/** What the operator finds under a correlation id. */
@Tag("layer-1")
class FailureLogTest {
  private record Entry(Level level, String text, Throwable thrown) {}

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
    assertThat(records.get(0).thrown()).isSameAs(thrown);
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
}
