// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The page about programs says what there is. */
@Tag("layer-1")
class DspyDocsTest {
  private static final Path PAGE = Path.of("docs", "dspy.md");

  @ParameterizedTest
  @EnumSource
  void theTableOfErrorsHasEveryProblem(DspyProblem problem) throws IOException {
    assertThat(Files.readAllLines(PAGE))
        .filteredOn(line -> line.startsWith("| `" + problem + "` |"))
        .hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void everyKindIsExplained(ProgramKind kind) throws IOException {
    assertThat(Files.readString(PAGE)).contains("`" + kind + "`");
  }
}
