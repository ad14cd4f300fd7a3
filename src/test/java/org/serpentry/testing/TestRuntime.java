// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.serpentry.environment.ModuleSource;
import org.serpentry.environment.RuntimeFiles;

/** The Python runtime, unpacked for as long as an environment is prepared. For one thread. */
public final class TestRuntime implements AutoCloseable {

  private final Path directory;
  private final RuntimeFiles files;

  private TestRuntime(Path directory, RuntimeFiles files) {
    this.directory = directory;
    this.files = files;
  }

  /**
   * Unpacks it into a directory of its own.
   *
   * @return the runtime, to be closed
   * @throws IOException when it cannot be written
   */
  public static TestRuntime unpack() throws IOException {
    Path directory = Files.createTempDirectory("serpentry-test");
    return new TestRuntime(
        directory,
        RuntimeFiles.unpack(
            directory, RuntimeFiles.class.getClassLoader(), ModuleSource.of(Map.of())));
  }

  /**
   * Where its modules lie.
   *
   * @return the directory
   */
  public Path directory() {
    return files.runtimeDirectory();
  }

  @Override
  public void close() {
    try {
      files.close();
      try (var left = Files.walk(directory)) {
        for (Path path :
            (Iterable<Path>) left.sorted(java.util.Comparator.reverseOrder())::iterator) {
          Files.delete(path);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the Python runtime of a test cannot be deleted", e);
    }
  }
}
