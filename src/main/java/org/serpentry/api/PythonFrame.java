// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.io.Serializable;

/**
 * One frame of a Python traceback.
 *
 * @param module name of the module, for example {@code reviews}
 * @param function name of the function
 * @param file name of the source file
 * @param line number in it, from 1; 0 or less when unknown
 */
public record PythonFrame(String module, String function, String file, int line)
    implements Serializable {

  /** As a frame of a Java stack trace: {@code python.reviews.score(reviews.py:12)}. */
  public StackTraceElement toStackTraceElement() {
    // Below zero means unknown to Java, except -2, which it prints as a native method.
    return new StackTraceElement("python." + module, function, file, line > 0 ? line : -1);
  }
}
