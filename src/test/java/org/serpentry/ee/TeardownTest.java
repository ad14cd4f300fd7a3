// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("layer-1")
class TeardownTest {

  private final List<String> closed = new ArrayList<>();
  private final Deque<AutoCloseable> stack = new ArrayDeque<>();

  private void started(String name) {
    stack.push(() -> closed.add(name));
  }

  private void startedButFails(Throwable failure) {
    stack.push(
        () -> {
          closed.add("failed");
          if (failure instanceof Error error) {
            throw error;
          }
          throw (Exception) failure;
        });
  }

  @Test
  void theLastStartedIsClosedFirst() {
    started("launcher");
    started("beans");
    Teardown.all(stack);
    assertThat(closed).containsExactly("beans", "launcher");
    assertThat(stack).isEmpty();
  }

  @Test
  void aClassThatCannotBeFoundKeepsNothingElseFromBeingClosed() {
    started("launcher");
    startedButFails(new IllegalStateException("second"));
    startedButFails(new NoClassDefFoundError("first"));
    assertThatThrownBy(() -> Teardown.all(stack))
        .isInstanceOf(NoClassDefFoundError.class)
        .hasMessage("first")
        .satisfies(e -> assertThat(e.getSuppressed()).extracting("message").contains("second"));
    assertThat(closed).containsExactly("failed", "failed", "launcher");
  }

  @Test
  void aCheckedFailureIsToldUnchecked() {
    startedButFails(new IOException("disk"));
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> Teardown.all(stack))
        .withMessageContaining("disk");
  }
}
