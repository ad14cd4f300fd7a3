// SPDX-License-Identifier: Apache-2.0
package org.serpentry.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.serpentry.testing.Faults;
import org.serpentry.testing.TestPool;

/**
 * The segments of a run, in a directory of its own: their names, and what this JVM maps of them.
 */
final class Segments {

  private static final Path SHARED = Path.of("/dev/shm");
  private static final int LOOKS = 100;
  private static final long LOOK_MILLIS = 100;

  private final Path directory;
  private long most;

  private Segments(Path directory) {
    this.directory = directory;
  }

  static Segments begin() throws IOException {
    Path directory =
        Files.isWritable(SHARED)
            ? Files.createTempDirectory(SHARED, "chaos")
            : Files.createTempDirectory("chaos");
    directory.toFile().deleteOnExit();
    return new Segments(directory);
  }

  Path directory() {
    return directory;
  }

  /**
   * A call with a segment in either direction, with which the JVM starts what it needs for them.
   */
  void use(TestPool pool) {
    int size = 2 * (int) Contents.THRESHOLD;
    byte[] came =
        pool.function(Faults.MODULE + ":content")
            .args(Contents.of("first", size), "first", size)
            .call(byte[].class);
    if (!"first".equals(Contents.token("first", size, came))) {
      throw new AssertionError("the first content came back as another");
    }
  }

  /** Notes how many this JVM maps. */
  void look() throws IOException {
    most = Math.max(most, mapped());
  }

  long most() {
    return most;
  }

  private long mapped() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.filter(line -> line.contains(directory.toString())).count();
    }
  }

  private List<Path> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  /** What is left of them once the collector has run, in words; empty for nothing. */
  String left() throws IOException, InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    for (int look = 0; look < LOOKS && mapped() > 0; look++) {
      System.gc(); // Mappings of results are the collector's to end.
      if (never.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("nobody counts this down");
      }
    }
    StringBuilder found = new StringBuilder();
    if (mapped() > 0) {
      found.append(mapped()).append(" mappings; ");
    }
    if (!names().isEmpty()) {
      found.append("names ").append(names());
    }
    return found.toString();
  }
}
