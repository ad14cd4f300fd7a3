// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.util.List;

/** The end of a process's output, as part of a message. */
final class LastOutput {
  private static final int QUOTED = 5;

  private LastOutput() {}

  /** Empty, or the last few lines with their introduction; the exception itself keeps them all. */
  static String quote(List<String> lines) {
    if (lines.isEmpty()) {
      return "";
    }
    List<String> last = lines.subList(Math.max(0, lines.size() - QUOTED), lines.size());
    return "; it last printed: " + String.join("\n  ", last);
  }
}
