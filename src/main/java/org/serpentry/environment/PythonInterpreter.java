// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import java.nio.file.Path;

/**
 * An interpreter that has been run and found fit.
 *
 * @param executable its absolute path, never that of a shim
 * @param version for example {@code 3.12.1}
 * @param implementation for example {@code CPython}
 * @param machine for example {@code x86_64}
 * @param virtual whether it lies in a virtual environment
 */
public record PythonInterpreter(
    Path executable, String version, String implementation, String machine, boolean virtual) {

  @Override
  public String toString() {
    return implementation + " " + version + " (" + machine + ") at " + executable;
  }
}
