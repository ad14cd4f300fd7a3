// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a pool's code comes from, each time that it is loaded anew. Every method reads files and
 * may take a while; one thread at a time calls.
 */
public interface CodeSource {

  /**
   * Takes the code as it is now.
   *
   * @return a snapshot with a number of its own
   * @throws IOException when a file cannot be read or copied; nothing is left then
   */
  CodeSnapshot take() throws IOException;

  /**
   * Lets go of a snapshot that no process loads from any more.
   *
   * @param snapshot one that {@link #take} returned
   * @throws IOException when it cannot be deleted
   */
  void discard(CodeSnapshot snapshot) throws IOException;

  /**
   * A cheap look at the files that may change: their names, sizes and times.
   *
   * @return a text that differs after a change; empty when there is nothing that could change
   * @throws IOException when the files cannot be listed
   */
  String look() throws IOException;

  /**
   * Code that is loaded from where it lies. What workers import later, by name, is what lies there
   * then, so a rollback is sure of the preloaded modules only; {@link PinnedCode} has no such gap.
   *
   * @param roots the directories of modules
   * @return the source
   */
  static CodeSource inPlace(List<Path> roots) {
    return new InPlaceCode(roots);
  }
}
