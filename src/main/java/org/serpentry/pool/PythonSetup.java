// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The Python that a pool runs: resolved, unpacked and hashed before the pool starts.
 *
 * @param interpreter the interpreter's path
 * @param runtime the directory that holds the package {@code serpentry}
 * @param roots the directories of the user's modules, in the order in which they are searched
 * @param codeHash the SHA-256 of the user's modules in hex, or empty
 * @param environment the launcher's whole environment, already cut down to what may pass
 */
public record PythonSetup(
    Path interpreter,
    Path runtime,
    List<Path> roots,
    String codeHash,
    Map<String, String> environment) {

  @Override
  public String toString() {
    // The environment may hold secrets.
    return "PythonSetup[" + interpreter + ", roots " + roots + ", code " + codeHash + "]";
  }
}
