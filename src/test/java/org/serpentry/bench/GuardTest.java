// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guard of the benchmarks' ratios, with ratios that are made up. */
@Tag("layer-1")
class GuardTest {

  private static final Map<String, Bound> BOUNDS =
      Map.of(
          "cost", new Bound(true, 2.0, "twice the baseline is too dear"),
          "gain", new Bound(false, 3.0, "less would not be worth it"));

  private final List<String> lines = new ArrayList<>();
  private final Guard guard = new Guard(BOUNDS, lines::add);

  @TempDir Path directory;

  @Test
  void keptBoundsPassAtTheirEdgeWithOneMeasurement() throws Exception {
    guard.check(inTurn(Map.of("cost", 2.0)));
    guard.check(inTurn(Map.of("gain", 3.0)));

    assertThatCode(guard::verdict).doesNotThrowAnyException();
    assertThat(lines)
        .satisfiesExactly(
            line -> assertThat(line).contains("cost", "2.00", "at most 2.00", "kept"),
            line -> assertThat(line).contains("gain", "3.00", "at least 3.00", "kept"));
  }

  @Test
  void aBoundBrokenTwiceFailsWithItsReason() throws Exception {
    guard.check(inTurn(Map.of("cost", 2.5, "gain", 3.5), Map.of("cost", 2.4, "gain", 3.6)));

    assertThat(lines).anySatisfy(line -> assertThat(line).contains("cost", "2.40", "BROKEN"));
    assertThatThrownBy(guard::verdict)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("cost is 2.40, bound at most 2.00: twice the baseline is too dear")
        .hasMessageNotContaining("gain");
  }

  @Test
  void aBoundBrokenOnceIsMeasuredAgainAndKept() throws Exception {
    guard.check(inTurn(Map.of("cost", 1.0, "gain", 1.0), Map.of("cost", 9.0, "gain", 4.0)));

    assertThatCode(guard::verdict).doesNotThrowAnyException();
    assertThat(lines).anySatisfy(line -> assertThat(line).contains("gain", "4.00", "first 1.00"));
  }

  @Test
  void aRatioOfNothingIsNotKept() throws Exception {
    guard.check(inTurn(Map.of("cost", Double.NaN), Map.of("cost", Double.NaN)));
    guard.check(inTurn(Map.of("gain", Double.NaN), Map.of("gain", Double.NaN)));

    assertThatThrownBy(guard::verdict).hasMessageContaining("cost").hasMessageContaining("gain");
  }

  @Test
  void aBoundThatNothingMeasuresFails() throws Exception {
    guard.check(inTurn(Map.of("cost", 1.0)));

    assertThatThrownBy(guard::verdict)
        .hasMessageContaining("gain has a bound and was not measured");
  }

  @Test
  void aRatioWithoutABoundIsRefused() {
    assertThatThrownBy(() -> guard.check(inTurn(Map.of("speed", 1.0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no bound for speed");
  }

  @Test
  void theBoundsOfTheBenchmarksCanBeRead() throws IOException {
    assertThat(Bound.read(GuardBench.BOUNDS)).isNotEmpty();
  }

  @Test
  void aFileOfBoundsIsRefusedWithTheKeyThatIsWrong() throws IOException {
    assertWrong("cost.most=2", "cost.most has no reason");
    assertWrong("cost.most=two\ncost.reason=so", "cost.most must be a number, is 'two'");
    assertWrong("cost.most=2\ncost.least=1\ncost.reason=so", "is a second bound of cost");
    assertWrong("cost.mots=2\ncost.reason=so", "cost.mots is neither a bound nor a reason");
  }

  private void assertWrong(String text, String message) throws IOException {
    Path file = Files.writeString(directory.resolve("bounds.properties"), text);
    assertThatThrownBy(() -> Bound.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static Callable<Map<String, Double>> inTurn(Map<String, Double> only) {
    return new ArrayDeque<>(List.of(only))::removeFirst;
  }

  private static Callable<Map<String, Double>> inTurn(
      Map<String, Double> first, Map<String, Double> second) {
    return new ArrayDeque<>(List.of(first, second))::removeFirst;
  }
}
