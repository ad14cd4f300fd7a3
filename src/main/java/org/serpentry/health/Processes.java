// SPDX-License-Identifier: Apache-2.0
package org.serpentry.health;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Looks at processes by way of Linux's {@code /proc}. Immutable; a look takes some microseconds,
 * since nothing lies on a disk.
 */
final class Processes {

  private final Path root;

  /**
   * Looks below another directory than {@code /proc}.
   *
   * @param root the directory
   */
  Processes(Path root) {
    this.root = root;
  }

  /** A process now; empty when it has ended or cannot be seen. */
  Optional<ProcessSample> look(int pid) {
    try {
      return Optional.of(
          ProcessSample.of(Files.readString(root.resolve(Integer.toString(pid)).resolve("stat"))));
    } catch (IOException | IllegalArgumentException e) {
      // Not Linux, hidden from this user, or just gone: in each case there is nothing to be told.
      return Optional.empty();
    }
  }
}
