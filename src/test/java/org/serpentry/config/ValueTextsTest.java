// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("layer-1")
class ValueTextsTest {
  @ParameterizedTest
  @CsvSource({
    "500ms,PT0.5S",
    "30s,PT30S",
    "5m,PT5M",
    "2h,PT2H",
    "1d,PT24H",
    "PT30S,PT30S",
    "0,PT0S",
    "30 S,PT30S"
  })
  void durationsAreRead(String text, Duration expected) {
    assertThat(ValueTexts.duration(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"30", "s", "1.5s", "5 weeks", "99999999999999999999s"})
  void durationsWithoutAUnitOrSenseAreRefused(String text) {
    assertThatThrownBy(() -> ValueTexts.duration(text)).isInstanceOf(RuntimeException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "1024,1024",
    "1b,1",
    "64MiB,67108864",
    "512MB,512000000",
    "1 kib,1024",
    "2GB,2000000000"
  })
  void sizesAreRead(String text, long expected) {
    assertThat(ValueTexts.bytes(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1.5MB", "64 mega", "9999999999TiB"})
  void sizesThatMakeNoSenseAreRefused(String text) {
    assertThatThrownBy(() -> ValueTexts.bytes(text)).isInstanceOf(RuntimeException.class);
  }

  @Test
  void listsAreTrimmedAndMayHoldEscapedCommas() {
    assertThat(ValueTexts.list(" a , b,, c\\,d ")).containsExactly("a", "b", "c,d");
    assertThat(ValueTexts.list("")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"4,4", "cores,8", "2xcores,16", "2 x Cores,16", "size,3", "size+2,5", "-1,-1"})
  void workerCountsAreResolved(String text, int expected) {
    assertThat(WorkerCount.parse(text).resolve(8, 3)).isEqualTo(expected);
  }

  @Test
  void nearestNameHasTheFewestEdits() {
    assertThat(NearestName.distance("kitten", "sitting")).isEqualTo(3);
    assertThat(NearestName.distance("", "abc")).isEqualTo(3);
    assertThat(NearestName.of("szie", List.of("nice", "size"))).contains("size");
  }
}
