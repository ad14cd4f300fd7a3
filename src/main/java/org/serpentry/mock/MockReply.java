// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import java.time.Duration;

/**
 * How a scripted call ends, and after what time. Whoever plays a worker turns it into a value, an
 * exception or a frame.
 *
 * @param end what happens
 * @param delay how much later; zero for at once
 */
public record MockReply(End end, Duration delay) {

  /**
   * What an exception means that a script's own function or items have thrown.
   *
   * @param thrown the exception
   * @return the worker's death, or the same exception in Python
   */
  public static End of(RuntimeException thrown) {
    return thrown instanceof MockCrashException crash
        ? new Crash(crash.exitCode())
        : new Raised(thrown.getClass().getName(), String.valueOf(thrown.getMessage()));
  }

  /** What happens at the end of a call. */
  public sealed interface End {}

  /**
   * A result.
   *
   * @param value anything that JSON-B can write
   */
  public record Value(Object value) implements End {}

  /** A result of the type that the caller wants, made up. */
  public record Invented() implements End {}

  /**
   * The function raises.
   *
   * @param type the exception's qualified name, for example {@code builtins.ValueError}
   * @param message its message
   */
  public record Raised(String type, String message) implements End {}

  /**
   * There is no such function.
   *
   * @param text what says so
   */
  public record Unknown(String text) implements End {}

  /**
   * The worker dies in the middle of the call.
   *
   * @param exitCode its exit status
   */
  public record Crash(int exitCode) implements End {}

  /** The function does not end until it is cancelled. */
  public record Hang() implements End {}
}
