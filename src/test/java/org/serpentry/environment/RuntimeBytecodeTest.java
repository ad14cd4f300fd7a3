// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.testing.TestPython;

/** The runtime is compiled once for all deployments. */
@Tag("layer-2")
@Timeout(120)
class RuntimeBytecodeTest {

  private static final String IMPORT =
      """
      import importlib.machinery, sys
      plain = importlib.machinery.SourceFileLoader.source_to_code
      compiled = []
      def source_to_code(self, data, path, **more):
          compiled.append(path)
          return plain(self, data, path, **more)
      importlib.machinery.SourceFileLoader.source_to_code = source_to_code
      sys.path.insert(0, sys.argv[1])
      import serpentry.launcher, serpentry.template, serpentry.programs.problems
      import serpentry.launcher as launcher
      assert launcher.main.__code__.co_filename.startswith(sys.argv[1])
      print(len([path for path in compiled if "serpentry" in path]) > 0)
      """;

  @TempDir Path parent;

  private RuntimeFiles unpack() throws IOException {
    ClassLoader loader = RuntimeFiles.class.getClassLoader();
    return RuntimeFiles.unpack(parent, loader, ModuleSource.of(Map.of()));
  }

  private static PythonInterpreter interpreter(Path executable) {
    return new PythonInterpreter(executable, "3.x", "CPython", "x86_64", false);
  }

  private static PythonInterpreter interpreter() {
    return interpreter(TestPython.standard());
  }

  /** One that can only be given what has been compiled before. */
  private PythonInterpreter missing() {
    return interpreter(parent.resolve("missing"));
  }

  private static boolean compilesAnew(RuntimeFiles files) throws Exception {
    Process python =
        new ProcessBuilder(
                TestPython.standard().toString(),
                "-I",
                "-B",
                "-c",
                IMPORT,
                files.runtimeDirectory().toString())
            .redirectErrorStream(true)
            .start();
    String told = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(told.strip()).isIn("True", "False");
    return told.strip().equals("True");
  }

  private List<Path> kept() throws IOException {
    try (Stream<Path> found = Files.list(parent)) {
      return found.filter(path -> path.getFileName().toString().startsWith("bytecode-")).toList();
    }
  }

  @Test
  void whatIsCompiledForOneDeploymentServesTheNext() throws Exception {
    try (RuntimeFiles files = unpack()) {
      assertThat(compilesAnew(files)).isTrue();
      String hash = files.codeHash(List.of());
      files.compile(interpreter());

      assertThat(compilesAnew(files)).isFalse();
      assertThat(files.codeHash(List.of())).isEqualTo(hash);
      Path made = files.runtimeDirectory().resolve("serpentry/__pycache__");
      assertThat(rights(made)).isEqualTo("r-x------");
      assertThat(rights(made.getParent())).isEqualTo("r-x------");
      try (Stream<Path> modules = Files.list(made)) {
        assertThat(modules).allMatch(file -> rights(file).equals("r--------")).isNotEmpty();
      }
    }
    try (RuntimeFiles files = unpack()) {
      files.compile(missing());

      assertThat(compilesAnew(files)).isFalse();
    }
    assertThat(kept()).hasSize(1).allMatch(directory -> rights(directory).equals("rwx------"));
  }

  @Test
  void whatIsDamagedIsMadeAnew() throws Exception {
    try (RuntimeFiles files = unpack()) {
      files.compile(interpreter());
    }
    try (Stream<Path> found = Files.walk(kept().get(0))) {
      Path module = found.filter(path -> path.toString().contains("registry")).findAny().get();
      Files.write(module, new byte[17]);
    }
    try (RuntimeFiles files = unpack()) {
      files.compile(interpreter());

      assertThat(compilesAnew(files)).isFalse();
    }
    assertThat(kept()).hasSize(1);
  }

  @Test
  void whatOthersMayWriteIsNotTrusted() throws Exception {
    try (RuntimeFiles files = unpack()) {
      files.compile(interpreter());
    }
    Files.setPosixFilePermissions(kept().get(0), PosixFilePermissions.fromString("rwxrwx---"));
    try (RuntimeFiles files = unpack()) {
      files.compile(missing());

      assertThat(compilesAnew(files)).isTrue();
    }
  }

  @Test
  void withoutACompilerEachProcessCompilesForItself() throws Exception {
    try (RuntimeFiles files = unpack()) {
      files.compile(missing());
      assertThat(compilesAnew(files)).isTrue();
      Path failing = Files.writeString(parent.resolve("failing"), "#!/bin/sh\nexit 3\n");
      Files.setPosixFilePermissions(failing, PosixFilePermissions.fromString("rwx------"));
      files.compile(interpreter(failing));

      assertThat(compilesAnew(files)).isTrue();
    }
    assertThat(kept()).isEmpty();
  }

  @Test
  void twoAtOnceBothGetIt() throws Exception {
    try (RuntimeFiles first = unpack();
        RuntimeFiles second = unpack()) {
      CompletableFuture<Void> other = CompletableFuture.runAsync(() -> compile(second));
      compile(first);
      other.join();

      assertThat(compilesAnew(first)).isFalse();
      assertThat(compilesAnew(second)).isFalse();
    }
    assertThat(kept()).hasSize(1);
  }

  @Test
  void whatNobodyUsesGoes() throws Exception {
    Path unused = Files.createDirectories(parent.resolve("bytecode-cpython-3.0-0/serpentry"));
    Path unfinished = Files.createDirectory(parent.resolve("bytecode-0.new"));
    Path building = Files.createDirectory(parent.resolve("bytecode-1.new"));
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(31)));
    Files.setLastModifiedTime(unused.getParent(), old);
    Files.setLastModifiedTime(unfinished, old);

    try (RuntimeFiles files = unpack()) {
      files.compile(interpreter());
    }

    assertThat(unused.getParent()).doesNotExist();
    assertThat(unfinished).doesNotExist();
    assertThat(building).exists();
  }

  private static void compile(RuntimeFiles files) {
    try {
      files.compile(interpreter());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String rights(Path path) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
