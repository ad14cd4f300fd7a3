// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("layer-1")
class SafeTextTest {

  @Test
  void whatCouldForgeAnEntryOrSteerATerminalIsEscaped() {
    assertThat(SafeText.line("a\r\nSEVERE: forged\u001b[2J\u0000\u0085\u2028\u202e\u2066\u007f"))
        .isEqualTo("a\\r\\nSEVERE: forged\\u001b[2J\\u0000\\u0085\\u2028\\u202e\\u2066\\u007f");
  }

  @Test
  void ordinaryTextOfAnyScriptStaysAsItIs() {
    String text = "\tFüße 日本語 עברית 😀 {0} 'quoted' \\n";

    assertThat(SafeText.line(text)).isEqualTo(text);
  }

  @Test
  void noLineOfSeveralLooksLikeAnEntryOfItsOwn() {
    assertThat(SafeText.lines("one\ntwo\r\n\u001b[31mthree\n"))
        .isEqualTo("  one\n  two\\r\n  \\u001b[31mthree");
  }

  @Test
  void aLongTextIsCutAndSaysByHowMuch() {
    assertThat(SafeText.line("x".repeat(20_000)))
        .isEqualTo("x".repeat(16_384) + "… (3616 characters more)");
  }

  @Test
  void anAddressIsShownWithoutItsUserAndPassword() {
    assertThat(SafeText.withoutCredentials("use(https://me:p@ss@lm:8000/v1?a=b@c, http://lm/@x)"))
        .isEqualTo("use(https://…@lm:8000/v1?a=b@c, http://lm/@x)");
  }

  @Test
  void aLoggersNameIsShortAndPlain() {
    assertThat(SafeText.name("shop.orders-2\n%n${jndi:x}")).isEqualTo("shop.orders-2__n__jndi_x_");
    assertThat(SafeText.name("n".repeat(300))).hasSize(200);
  }
}
