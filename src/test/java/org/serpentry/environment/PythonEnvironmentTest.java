// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.EnvironmentException;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.PoolConfigBuilder;

/** Against real interpreters and a real build; the one wheel comes from a local wheelhouse. */
@Tag("layer-2")
@Timeout(180)
class PythonEnvironmentTest {
  private static final Path RUNTIME = Path.of("python", "src");

  @TempDir Path temporary;
  private final List<String> progress = new CopyOnWriteArrayList<>();
  private Path cache;
  private TinyWheel wheel;

  @BeforeEach
  void makeWheel() throws Exception {
    cache = temporary.resolve("cache");
    wheel = TinyWheel.in(temporary);
  }

  @AfterEach
  void makeWritable() throws IOException {
    if (Files.isDirectory(cache)) {
      try (Stream<Path> found = Files.walk(cache)) {
        for (Path path : (Iterable<Path>) found.filter(Files::isDirectory)::iterator) {
          Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        }
      }
    }
  }

  @Test
  void aConfiguredInterpreterIsFoundOnThePathAndDescribed() throws Exception {
    PythonInterpreter python = resolve(PoolConfig.builder("ml").interpreter("python3"));
    assertThat(python.executable()).isAbsolute().isExecutable();
    assertThat(python.version()).matches("3\\.1[1-4]\\.\\d+");
    assertThat(python.implementation()).isEqualTo("CPython");
  }

  @Test
  void aMissingInterpreterSaysWhatToInstallAndWhichKeyToSet() {
    assertThat(failure(PoolConfig.builder("ml").interpreter("python-none")))
        .hasMessageContaining("no Python interpreter named python-none on the PATH")
        .hasMessageContaining("Install Python 3.11 to 3.14")
        .hasMessageContaining("serpentry.pool.ml.interpreter")
        .satisfies(code("interpreter-missing"));
    assertThat(failure(PoolConfig.builder("ml").interpreter(temporary + "/python3")))
        .satisfies(code("interpreter-missing"));
  }

  @Test
  void whatMayNotBeExecutedIsRefused() throws IOException {
    Path file = Files.writeString(temporary.resolve("python3"), "");
    assertThat(failure(PoolConfig.builder("ml").interpreter(file.toString())))
        .satisfies(code("interpreter-not-executable"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.10.4", "3.15.0"})
  void anInterpreterOutsideTheRangeIsRefusedByItsVersion(String version) throws IOException {
    Path file = script("printf '" + version + "\\nCPython\\nx86_64\\n/x\\nFalse\\n'");
    assertThat(failure(PoolConfig.builder("ml").interpreter(file.toString())))
        .hasMessageContaining("is Python " + version)
        .hasMessageContaining("3.11 to 3.14");
  }

  @Test
  void whatIsNoPythonIsRefusedWithWhatItSaid() throws IOException {
    Path file = script("echo Unknown option: -I; exit 2");
    assertThat(failure(PoolConfig.builder("ml").interpreter(file.toString())))
        .hasMessageContaining("Unknown option: -I")
        .satisfies(code("interpreter-unfit"));
  }

  @Test
  void bothSidesSupportTheSameVersions() throws Exception {
    String script =
        "import sys;sys.path.insert(0,sys.argv[1]);from serpentry import environment as e;"
            + "print(e.OLDEST[1], e.NEWEST[1])";
    Process python = new ProcessBuilder("python3", "-B", "-c", script, RUNTIME.toString()).start();
    assertThat(python.inputReader().readLine())
        .isEqualTo(InterpreterCheck.OLDEST_MINOR + " " + InterpreterCheck.NEWEST_MINOR);
  }

  @Test
  void anEnvironmentIsBuiltWithProgressAndFoundAgain() throws Exception {
    PythonInterpreter built = resolve(locked());
    assertThat(built.virtual()).isTrue();
    assertThat(built.executable()).startsWithRaw(cache);
    assertThat(progress).anyMatch(line -> line.contains("tinything") && line.contains("[1 of 1]"));
    assertThat(answer(built)).isEqualTo("42");
    progress.clear();
    assertThat(resolve(locked())).isEqualTo(built);
    assertThat(resolve(locked().buildEnvironment(false))).isEqualTo(built);
    assertThat(progress).isEmpty();
  }

  @Test
  void applicationsThatStartTogetherBuildOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Callable<PythonInterpreter> build = () -> resolve(locked());
      List<Future<PythonInterpreter>> both = threads.invokeAll(List.of(build, build));
      assertThat(both.get(0).get()).isEqualTo(both.get(1).get());
    } finally {
      threads.shutdownNow();
    }
    assertThat(progress)
        .filteredOn(line -> line.contains("Making a virtual environment"))
        .hasSize(1);
    assertThat(environments()).hasSize(1);
  }

  @Test
  void aForbiddenBuildFailsAndSaysHowToBuild() {
    assertThat(failure(locked().buildEnvironment(false)))
        .hasMessageContaining("-m serpentry.environment build")
        .satisfies(code("environment-missing"));
  }

  @Test
  void theBuildersOwnErrorsArrive() throws Exception {
    wheel.lock("0".repeat(64));
    assertThat(failure(locked()))
        .hasMessageContaining("tinything")
        .satisfies(code("hash-mismatch"));
    assertThat(environments()).isEmpty();
  }

  @Test
  void closingEndsTheBuildAndLeavesNothing() throws Exception {
    try (ServerSocket index = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        PythonEnvironment environment = environment(lockedFrom(index))) {
      ExecutorService thread = Executors.newSingleThreadExecutor();
      try {
        Future<EnvironmentException> end =
            thread.submit(
                () -> catchThrowableOfType(EnvironmentException.class, environment::resolve));
        try (Socket pip = index.accept()) {
          environment.close();
          assertThat(end.get()).satisfies(code("cancelled"));
          pip.getInputStream().readAllBytes(); // ends when no process holds the other end
        }
      } finally {
        thread.shutdownNow();
      }
    }
    assertThat(environments()).isEmpty();
  }

  @Test
  void interruptingEndsTheBuildAndLeavesNothing() throws Exception {
    try (ServerSocket index = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        PythonEnvironment environment = environment(lockedFrom(index))) {
      ExecutorService thread = Executors.newSingleThreadExecutor();
      Future<InterruptedException> end =
          thread.submit(
              () -> catchThrowableOfType(InterruptedException.class, environment::resolve));
      try (Socket pip = index.accept()) {
        thread.shutdownNow();
        assertThat(end.get()).isNotNull();
        pip.getInputStream().readAllBytes();
      }
    }
    assertThat(environments()).isEmpty();
  }

  @Test
  void whatIsClosedBeforeItBeganDoesNotBegin() {
    PythonEnvironment environment = environment(locked());
    environment.close();
    assertThat(catchThrowableOfType(EnvironmentException.class, environment::resolve))
        .satisfies(code("cancelled"));
    assertThat(cache).doesNotExist();
  }

  private PoolConfigBuilder locked() {
    return PoolConfig.builder("ml")
        .interpreter("python3")
        .requirements(wheel.requirements())
        .wheelhouse(wheel.wheelhouse())
        .environmentCache(cache);
  }

  /** Locked requirements whose file names an index: what a test can set without the environment. */
  private PoolConfigBuilder lockedFrom(ServerSocket index) throws IOException {
    String url = "--index-url http://127.0.0.1:" + index.getLocalPort() + "/simple\n";
    Files.writeString(wheel.requirements(), url + Files.readString(wheel.requirements()));
    return PoolConfig.builder("ml")
        .interpreter("python3")
        .requirements(wheel.requirements())
        .environmentCache(cache);
  }

  private PythonEnvironment environment(PoolConfigBuilder config) {
    return new PythonEnvironment(config.build(), RUNTIME, progress::add);
  }

  private PythonInterpreter resolve(PoolConfigBuilder config) throws InterruptedException {
    try (PythonEnvironment environment = environment(config)) {
      return environment.resolve();
    }
  }

  private EnvironmentException failure(PoolConfigBuilder config) {
    try (PythonEnvironment environment = environment(config)) {
      return catchThrowableOfType(EnvironmentException.class, environment::resolve);
    }
  }

  private static Consumer<EnvironmentException> code(String code) {
    return failure -> assertThat(failure.context()).containsEntry("code", code);
  }

  private Path script(String body) throws IOException {
    Path file = Files.writeString(temporary.resolve("fake-python"), "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return file;
  }

  private List<Path> environments() throws IOException {
    try (Stream<Path> found = Files.list(cache)) {
      return found.filter(path -> !path.toString().endsWith(".lock")).toList();
    }
  }

  private static String answer(PythonInterpreter python) throws Exception {
    Process process =
        new ProcessBuilder(
                python.executable().toString(), "-c", "import tinything; print(tinything.ANSWER)")
            .start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
