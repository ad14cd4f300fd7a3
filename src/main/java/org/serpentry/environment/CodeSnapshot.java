// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import java.nio.file.Path;
import java.util.List;

/**
 * The application's code as it was at one moment. Immutable.
 *
 * @param number counts the snapshots of one {@link CodeSource}, from 1; 0 is what a pool was
 *     started with
 * @param roots the directories of modules, in the order in which they are searched
 * @param hash the SHA-256 of the code in hex, or empty when nobody has computed it
 */
public record CodeSnapshot(int number, List<Path> roots, String hash) {

  /** Copies the list. */
  public CodeSnapshot {
    roots = List.copyOf(roots);
  }
}
