// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.util.List;

/**
 * Programs.
 *
 * @param programs the programs, in no particular order
 * @param totalCount how many
 */
public record ProgramList(List<ProgramInfo> programs, int totalCount) {

  /** Copies the list. */
  public ProgramList {
    programs = List.copyOf(programs);
  }
}
