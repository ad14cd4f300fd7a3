// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.util.List;
import java.util.Map;

/**
 * Why a template cannot fork workers.
 *
 * @param reason in a few words
 * @param exitCode its exit status, or null
 * @param signal the signal that ended it, or null
 * @param error the error record of the import that failed, or null
 * @param tail the last lines of its output
 */
public record TemplateFailure(
    String reason, Integer exitCode, String signal, Map<String, Object> error, List<String> tail) {

  /**
   * The failure for a message, with the import's traceback or the last output.
   *
   * @return several lines
   */
  public String describe() {
    StringBuilder text = new StringBuilder(reason);
    if (error != null && error.get("traceback") instanceof String traceback) {
      text.append('\n').append(traceback.stripTrailing());
    } else if (!tail.isEmpty()) {
      text.append("; its last output:\n  ").append(String.join("\n  ", tail));
    }
    return text.toString();
  }
}
