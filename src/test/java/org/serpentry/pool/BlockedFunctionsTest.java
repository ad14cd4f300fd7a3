// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.protocol.Frame;

/** What an operator may block, and how much of it. */
@Tag("layer-1")
class BlockedFunctionsTest {
  private final BlockedFunctions blocked = new BlockedFunctions();

  @Test
  void aNameLongerThanAnyFunctionsIsRefusedAndNotRepeatedInTheRefusal() {
    String longest = "m:" + "f".repeat(Frame.MAX_TARGET - 2);
    assertThat(blocked.block(longest, "anna")).isTrue();

    assertThatThrownBy(() -> blocked.block(longest + "f".repeat(100_000), "anna"))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .contains(String.valueOf(Frame.MAX_TARGET))
        .hasSizeLessThan(200);
    assertThat(blocked.views()).hasSize(1);
  }

  @Test
  void noMoreAreKeptThanAnOperatorBlocksByHand() {
    for (int i = 0; i < BlockedFunctions.MOST; i++) {
      assertThat(blocked.block("m:f" + i, "anna")).isTrue();
    }

    assertThatThrownBy(() -> blocked.block("m:more", "anna"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("resetCircuit");
    assertThat(blocked.block("m:f0", "anna")).isFalse();
    assertThat(blocked.unblock("m:f0")).isTrue();
    assertThat(blocked.block("m:more", "anna")).isTrue();
    assertThat(blocked.views()).hasSize(BlockedFunctions.MOST);
  }
}
