// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.util.List;

/**
 * What Python raised, as it came over the wire.
 *
 * @param type qualified name of the exception's class
 * @param message its message; may be empty
 * @param traceback full text as Python prints it
 * @param frames of user code, outermost first
 * @param importing whether it was raised by the import of the module, not by the function
 */
public record PythonError(
    String type, String message, String traceback, List<PythonFrame> frames, boolean importing) {
  /** Copies the frames. */
  public PythonError {
    frames = List.copyOf(frames);
  }
}
