// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

/**
 * Thrown by a function of a script, or by the iterator of a stream's items, to have the worker die
 * there.
 */
public final class MockCrashException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  /**
   * A worker's death.
   *
   * @param exitCode its exit status, 0 to 255
   */
  public MockCrashException(int exitCode) {
    super("the script has the worker die with status " + exitCode);
    this.exitCode = exitCode;
  }

  /**
   * How the worker ends.
   *
   * @return its exit status
   */
  public int exitCode() {
    return exitCode;
  }
}
