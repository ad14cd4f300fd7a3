// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How much is read, and of what type it must be. */
@Tag("layer-1")
class BodyTest {
  private static final int LIMIT = 1000;

  @Test
  void aBodyOfTheLimitIsReadWhole() throws IOException {
    assertThat(Body.read(new ByteArrayInputStream(new byte[LIMIT]), -1, LIMIT)).hasSize(LIMIT);
  }

  @Test
  void ofABodyThatSaysItIsTooLargeNoMoreThanTheLimitIsDropped() {
    ByteArrayInputStream body = new ByteArrayInputStream(new byte[LIMIT * 5]);

    assertTooLarge(body, LIMIT * 5);
    assertThat(body.available()).isEqualTo(LIMIT * 4);
  }

  @Test
  void aBodyThatDoesNotSayItsSizeIsReadToTwiceTheLimitAtMost() {
    ByteArrayInputStream body = new ByteArrayInputStream(new byte[LIMIT * 3]);

    assertTooLarge(body, -1);
    assertThat(body.available()).isEqualTo(LIMIT - 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "Application/JSON",
        "application/json; charset=UTF-8",
        "application/json;charset=\"utf-8\"; profile=x"
      })
  void jsonPasses(String type) {
    assertThatCode(() -> Body.requireJson(type)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "text/plain; application/json",
        "application/json; charset=utf-16"
      })
  void whateverElseABrowserSendsWithoutAskingDoesNotPass(String type) {
    assertThatThrownBy(() -> Body.requireJson(type))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.problem()).isEqualTo(Problem.UNSUPPORTED_MEDIA_TYPE));
  }

  private static void assertTooLarge(InputStream body, long declared) {
    assertThatThrownBy(() -> Body.read(body, declared, LIMIT))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.problem()).isEqualTo(Problem.REQUEST_TOO_LARGE));
  }
}
