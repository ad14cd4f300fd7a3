// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * The variable that every process of a run inherits from its launcher, {@code
 * SERPENTRY_RUN=<run>.<launcher>}, by which those that left their process group, their session and
 * their parents are still found.
 */
final class RunMark {

  static final String VARIABLE = "SERPENTRY_RUN";

  private static final int ROUNDS = 500;

  private RunMark() {}

  /**
   * Kills every process with a mark, and those that they start meanwhile.
   *
   * @return how many were killed
   */
  static int killAll(Predicate<String> mark) {
    List<ProcessIdentity> struck = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      List<ProcessIdentity> found = find(mark);
      boolean dying = false;
      for (ProcessIdentity process : found) {
        if (process.kill()) {
          dying = true;
          if (!struck.contains(process)) {
            struck.add(process);
          }
        }
      }
      if (!dying) {
        break;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1)); // A kill takes its time.
    }
    return struck.size();
  }

  private static List<ProcessIdentity> find(Predicate<String> mark) {
    List<ProcessIdentity> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path path : processes) {
        // The identity first: what is read after it may be a successor's, which is then not killed.
        Optional<ProcessIdentity> process =
            ProcessIdentity.of(Long.parseLong(path.getFileName().toString()));
        if (process.isPresent() && of(path).filter(mark).isPresent()) {
          found.add(process.get());
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return found; // No /proc, no processes that could be found.
    }
    return found;
  }

  /** The mark of a process; empty when it has none or is not ours to look at. */
  static Optional<String> of(long pid) {
    return of(Path.of("/proc", Long.toString(pid)));
  }

  private static Optional<String> of(Path process) {
    try {
      String environment =
          Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1);
      for (String entry : environment.split("\0", -1)) {
        if (entry.startsWith(VARIABLE + "=")) {
          return Optional.of(entry.substring(VARIABLE.length() + 1));
        }
      }
    } catch (IOException e) {
      return Optional.empty(); // It has ended, or belongs to somebody else.
    }
    return Optional.empty();
  }
}
