// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Several things of which each is tried, whatever becomes of the others. For one thread. */
final class Attempts {

  private RuntimeException first;

  /** Tries one; empty when it failed. */
  <T> Optional<T> of(Supplier<T> action) {
    try {
      return Optional.of(action.get());
    } catch (RuntimeException e) {
      if (first == null) {
        first = e;
      } else if (first != e) {
        first.addSuppressed(e);
      }
      return Optional.empty();
    }
  }

  /** Has the first failure told, if there was one; it has the others with it. */
  void told(Consumer<RuntimeException> teller) {
    if (first != null) {
      teller.accept(first);
    }
  }

  /** Throws the first failure, if there was one; it has the others with it. */
  void end() {
    if (first != null) {
      throw first;
    }
  }
}
