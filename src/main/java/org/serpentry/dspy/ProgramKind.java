// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.util.Locale;

/** How a program gets from its inputs to its outputs. */
public enum ProgramKind {
  /** Asks once. */
  PREDICT,
  /** Has the model reason first; the reasoning comes with the outputs. */
  CHAIN_OF_THOUGHT,
  /** Has the model call published functions, its tools, until it knows enough. */
  REACT,
  /**
   * Runs code that the model writes. Only in pools that switch it on: {@code
   * serpentry.pool.<name>.environment.SERPENTRY_DSPY_GENERATED_CODE=true}; it needs Deno.
   */
  PROGRAM_OF_THOUGHT;

  /** As commands write it, for example {@code chain_of_thought}. */
  public String command() {
    return name().toLowerCase(Locale.ROOT);
  }
}
