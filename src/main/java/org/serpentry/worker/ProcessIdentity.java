// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process by its number and its start, which together no other process ever has until the machine
 * is started again.
 *
 * @param pid its number
 * @param start when it was started, in clock ticks since the machine was: field 22 of {@code
 *     /proc/<pid>/stat}
 */
record ProcessIdentity(long pid, long start) {

  private static final int START = 19; // of the fields behind the name

  /** The process that has a number now; empty when none has, or there is no {@code /proc}. */
  static Optional<ProcessIdentity> of(long pid) {
    try {
      String text =
          Files.readString(
              Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
      String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
      return Optional.of(new ProcessIdentity(pid, Long.parseLong(fields[START])));
    } catch (IOException e) {
      return Optional.empty(); // It has ended.
    }
  }

  /** Whether it is there, be it as a zombie. */
  boolean exists() {
    return of(pid).filter(this::equals).isPresent();
  }

  /** Kills it; false when it is gone or not ours to kill. Another that has its number is spared. */
  boolean kill() {
    Optional<ProcessHandle> handle = ProcessHandle.of(pid);
    if (handle.isEmpty() || pid == ProcessHandle.current().pid() || !exists()) {
      return false;
    }
    // The handle was there before the look at the start, and itself spares a successor.
    return handle.get().destroyForcibly();
  }
}
