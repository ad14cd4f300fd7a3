// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.serpentry.environment.CodeHash;
import org.serpentry.environment.ModuleSource;
import org.serpentry.environment.RuntimeFiles;
import org.serpentry.pool.PythonSetup;

/**
 * The runtime, the kit's module and the orders of one {@link TestPool}, in a directory of its own.
 */
final class TestFiles implements Closeable {

  private final Path directory;
  private final RuntimeFiles runtime;

  private TestFiles(Path directory, RuntimeFiles runtime) {
    this.directory = directory;
    this.runtime = runtime;
  }

  static TestFiles unpack() {
    try {
      Path directory = Files.createTempDirectory("serpentry-test");
      Files.createDirectory(directory.resolve("orders"));
      Path kit = Files.createDirectory(directory.resolve("kit"));
      String name = Faults.MODULE + ".py";
      try (InputStream module = TestFiles.class.getResourceAsStream("python/" + name)) {
        if (module == null) {
          throw new IOException("the kit's module " + name + " is missing from its jar");
        }
        Files.copy(module, kit.resolve(name));
      }
      ClassLoader loader = RuntimeFiles.class.getClassLoader();
      return new TestFiles(
          directory,
          RuntimeFiles.unpack(directory.resolve("runtime"), loader, ModuleSource.of(Map.of())));
    } catch (IOException e) {
      throw new UncheckedIOException("the files of a pool for tests cannot be written", e);
    }
  }

  Path orders() {
    return directory.resolve("orders");
  }

  PythonSetup python(Path interpreter, List<Path> modules) {
    Map<String, String> environment = new HashMap<>();
    for (String name : List.of("PATH", "HOME", "LANG", "TZ", "TMPDIR")) {
      String value = System.getenv(name);
      if (value != null) {
        environment.put(name, value);
      }
    }
    List<Path> roots = new ArrayList<>(modules);
    roots.add(directory.resolve("kit"));
    return new PythonSetup(
        interpreter, runtime.runtimeDirectory(), roots, CodeHash.of(roots), environment);
  }

  @Override
  public void close() throws IOException {
    runtime.close();
    try (Stream<Path> found = Files.walk(directory)) {
      for (Path path : (Iterable<Path>) found.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(path);
      }
    }
  }
}
