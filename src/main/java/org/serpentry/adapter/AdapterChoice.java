// SPDX-License-Identifier: Apache-2.0
package org.serpentry.adapter;

/**
 * Which adapter was chosen, and by whom.
 *
 * @param adapter the adapter
 * @param source who chose it
 */
public record AdapterChoice(Adapter adapter, Source source) {

  /** Who may choose; an earlier one is heard before a later one. */
  public enum Source {
    /** Code, or an annotation. */
    EXPLICIT,
    /** The test mode, {@code TEST_MODE} or {@code serpentry.test-mode}. */
    TEST_MODE,
    /** The pool's configuration, {@code adapter}. */
    CONFIGURATION,
    /** Nobody: it is what there is without a choice. */
    DEFAULT
  }

  @Override
  public String toString() {
    return adapter.name() + " (by " + source + ")";
  }
}
