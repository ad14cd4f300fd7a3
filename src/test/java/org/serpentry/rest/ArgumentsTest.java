// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.pool.TestPools;
import org.serpentry.pool.WorkerPool;

/** A request's body on its way to a real worker and back. */
@Tag("layer-2")
class ArgumentsTest {
  private static WorkerPool pool;

  @BeforeAll
  static void start() {
    pool = TestPools.start(TestPools.config().build());
  }

  @AfterAll
  static void stop() {
    pool.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "[]",
        "{}",
        "\"\"",
        "\"Grüße, \\\"日本\\\" 🐍\"",
        "1180591620717411303424",
        "-9223372036854775809",
        "3000000000",
        "0.1",
        "1.0",
        "123456789.12345679",
        "5E-324",
        "{\"a\":[1,2.5,{\"b\":null}],\"c\":false}"
      })
  void aValueComesBackAsItWas(String json) {
    assertThat(call("faulty:echo", "{\"value\":" + json + "}")).isEqualToIgnoringCase(json);
    assertThat(call("faulty:echo", "[" + json + "]")).isEqualToIgnoringCase(json);
  }

  @Test
  void aDecimalKeepsEveryDigitBothWays() {
    String digits = "12345678901234567890.123456789012345678900";

    assertThat(call("values:decimal_digits", "[" + digits + "]")).contains(digits);
    assertThat(call("values:echo_decimal", "[" + digits + "]")).contains(digits);
  }

  @Test
  void anObjectGivesArgumentsByNameAndAnArrayByPosition() {
    assertThat(call("faulty:add", "{\"b\": 4, \"a\": 3}")).isEqualTo("7");
    assertThat(call("faulty:add", " [3, 4] ")).isEqualTo("7");
    assertThat(call("faulty:echo", "{}")).isEqualTo("null");
    assertThat(call("faulty:echo", "[]")).isEqualTo("null");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "5",
        "\"text\"",
        "null",
        "{",
        "[1,",
        "[1]]",
        "{} {}",
        "{} x",
        "{'a': 1}",
        "{\"a\": 1, \"a\": 2}",
        "[NaN]",
        "[01]",
        "[1e99999999999]",
        "[\"\t\"]"
      })
  void whatIsNoObjectOrArrayIsMalformed(String body) {
    assertMalformed(body.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void whatIsNotUtf8IsMalformed() {
    assertMalformed(new byte[] {'[', '"', (byte) 0xC3, '"', ']'});
    assertMalformed("[1]".getBytes(StandardCharsets.UTF_16BE));
  }

  @Test
  void aNestingThatWouldExhaustTheStackIsMalformed() {
    assertMalformed("[".repeat(500_000).getBytes(StandardCharsets.UTF_8));
    assertMalformed("{\"a\":".repeat(100_000).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aNumberOfNamesThatNoFunctionHasIsMalformedAndOneThatItMayHaveIsNot() {
    String most = members(Arguments.MEMBERS);
    assertThat(call("values:everything", "{" + most + "}"))
        .contains("\"a" + (Arguments.MEMBERS - 1) + "\":0");

    assertMalformed(bytes("{" + most + ",\"more\":0}"));
    assertMalformed(bytes("{" + members(110_000) + "}"));
  }

  @Test
  void anObjectWithinAnArgumentMayHaveMoreMembersThanThereAreNames() {
    String value = "{" + members(Arguments.MEMBERS + 1) + "}";

    assertThat(call("faulty:echo", "[" + value + "]")).isEqualTo(value);
  }

  private static String members(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "\"a" + i + "\":0")
        .collect(Collectors.joining(","));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aNumberThatTakesSecondsToReadIsMalformed() {
    assertMalformed(("[" + "7".repeat(1_000_000) + "]").getBytes(StandardCharsets.UTF_8));
  }

  private static String call(String target, String body) {
    return String.valueOf(
        Arguments.add(pool.function(target), body.getBytes(StandardCharsets.UTF_8))
            .call(JsonValue.class));
  }

  private static void assertMalformed(byte[] body) {
    assertThatThrownBy(() -> Arguments.add(pool.function("faulty:echo"), body))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.problem()).isEqualTo(Problem.MALFORMED_JSON));
  }
}
