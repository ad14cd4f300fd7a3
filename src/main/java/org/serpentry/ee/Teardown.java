// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Deque;

/** Ends what an application has started. */
final class Teardown {

  private Teardown() {}

  /**
   * Closes all of a stack, the last first. What fails, even for want of memory or of a class, keeps
   * nothing else from being closed: the server lives on, and would keep its processes and classes.
   *
   * @param closing the stack, empty afterwards
   * @throws RuntimeException or an Error: the first failure, the others suppressed in it
   */
  static void all(Deque<AutoCloseable> closing) {
    Throwable failure = null;
    while (!closing.isEmpty()) {
      try {
        closing.pop().close();
      } catch (Exception | Error e) {
        if (failure == null) {
          failure = e;
        } else if (failure != e) {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (failure instanceof IOException io) {
      throw new UncheckedIOException(io);
    }
    if (failure != null) {
      throw new IllegalStateException(failure);
    }
  }
}
