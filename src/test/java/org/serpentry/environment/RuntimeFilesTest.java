// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("layer-2")
class RuntimeFilesTest {
  private static final ClassLoader LOADER = RuntimeFilesTest.class.getClassLoader();

  @TempDir Path temporary;
  private Path parent;
  private Path modules;

  @BeforeEach
  void writeModules() throws IOException {
    parent = temporary.resolve("run");
    modules = temporary.resolve("modules");
    Files.createDirectories(modules.resolve("reviews/__pycache__"));
    Files.writeString(modules.resolve("reviews/model.py"), "ANSWER = 42\n");
    Files.writeString(modules.resolve("reviews/__pycache__/model.pyc"), "bytecode");
  }

  @Test
  void unpacksTheRuntimeAndTheModulesReadOnlyAndPrivate() throws Exception {
    try (RuntimeFiles files = unpack()) {
      assertThat(files.runtimeDirectory().resolve("serpentry/registry.py"))
          .hasSameTextualContentAs(Path.of("python/src/serpentry/registry.py"));
      Path module = files.modulesDirectory().resolve("reviews/model.py");
      assertThat(module).hasContent("ANSWER = 42\n");
      assertThat(rights(module)).isEqualTo("r--------");
      assertThat(rights(module.getParent())).isEqualTo("r-x------");
      assertThat(rights(files.runtimeDirectory().getParent())).isEqualTo("rwx------");
      assertThat(files.modulesDirectory().resolve("reviews/__pycache__")).doesNotExist();
    }
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void thePythonOnDiskCanImportThem() throws Exception {
    try (RuntimeFiles files = unpack()) {
      ProcessBuilder told =
          new ProcessBuilder(
              "python3", "-B", "-c", "import serpentry, reviews.model as m; print(m.ANSWER)");
      told.environment()
          .put("PYTHONPATH", files.runtimeDirectory() + ":" + files.modulesDirectory());
      Process found = told.redirectErrorStream(true).start();
      String output = new String(found.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(output).isEqualTo("42\n");
    }
  }

  @Test
  void theHashTellsContentsAndNamesApartAndNothingElse() throws Exception {
    String before;
    try (RuntimeFiles files = unpack()) {
      before = files.codeHash(List.of());
      assertThat(before).matches("[0-9a-f]{64}");
    }
    try (RuntimeFiles files = unpack()) {
      assertThat(files.codeHash(List.of())).isEqualTo(before);
      assertThat(files.codeHash(List.of(modules))).isNotEqualTo(before);
    }
    Files.move(modules.resolve("reviews/model.py"), modules.resolve("reviews/other.py"));
    try (RuntimeFiles files = unpack()) {
      assertThat(files.codeHash(List.of())).isNotEqualTo(before);
    }
    Files.move(modules.resolve("reviews/other.py"), modules.resolve("reviews/model.py"));
    Files.writeString(modules.resolve("reviews/model.py"), "ANSWER = 43\n");
    try (RuntimeFiles files = unpack()) {
      assertThat(files.codeHash(List.of())).isNotEqualTo(before);
    }
  }

  @Test
  void whatIsInUseIsKeptAndWhatAKilledServerLeftIsSwept() throws Exception {
    Path left = Files.createDirectories(parent.resolve("code-1-1-dead/modules")).getParent();
    Files.createFile(parent.resolve("code-1-1-dead.lock"));
    try (RuntimeFiles first = unpack();
        RuntimeFiles second = unpack()) {
      assertThat(left).doesNotExist();
      assertThat(first.runtimeDirectory()).isDirectory();
      assertThat(second.runtimeDirectory()).isDirectory().isNotEqualTo(first.runtimeDirectory());
    }
  }

  @Test
  void whatAnotherServerUsesIsKept() throws Exception {
    Path used = Files.createDirectories(parent.resolve("code-1-1-other"));
    Path mark = Files.createFile(parent.resolve("code-1-1-other.lock"));
    // Java and fcntl.lockf take the same kind of lock.
    String script =
        "import fcntl,sys;f=open(sys.argv[1],'w');fcntl.lockf(f,fcntl.LOCK_EX);print('held',flush=True);"
            + "sys.stdin.read()";
    Process other = new ProcessBuilder("python3", "-c", script, mark.toString()).start();
    try {
      assertThat(other.inputReader().readLine()).isEqualTo("held");
      unpack().close();
      assertThat(used).exists();
    } finally {
      other.getOutputStream().close();
      other.waitFor();
    }
    unpack().close();
    assertThat(used).doesNotExist();
  }

  @Test
  void modulesMayComeFromAnywhereButGoNowhereElse() throws Exception {
    ModuleSource.Opener content =
        () -> new ByteArrayInputStream("X = 1\n".getBytes(StandardCharsets.UTF_8));
    try (RuntimeFiles files =
        RuntimeFiles.unpack(parent, LOADER, ModuleSource.of(Map.of("a/b.py", content)))) {
      assertThat(files.modulesDirectory().resolve("a/b.py")).hasContent("X = 1\n");
    }
    for (String name : List.of("../b.py", "/b.py", "a/../../b.py", "")) {
      assertThatIllegalArgumentException().isThrownBy(() -> ModuleSource.of(Map.of(name, content)));
    }
  }

  @Test
  void aMissingResourceIsNamedAndNothingIsLeft() {
    ModuleSource missing = ModuleSource.resources(LOADER, "META-INF/python/", List.of("gone.py"));
    assertThatThrownBy(() -> RuntimeFiles.unpack(parent, LOADER, missing))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("META-INF/python/gone.py");
    assertThat(parent).isEmptyDirectory();
  }

  private RuntimeFiles unpack() throws IOException {
    return RuntimeFiles.unpack(parent, LOADER, ModuleSource.directory(modules));
  }

  private static String rights(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
