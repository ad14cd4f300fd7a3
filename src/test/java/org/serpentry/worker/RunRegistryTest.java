// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the next start kills, and above all what it spares. */
@Tag("core-pool")
@Tag("layer-2")
class RunRegistryTest {

  private static final String RUN = "00ff";
  private static final long NOBODY = 1L << 40;

  @TempDir Path temporary;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void end() {
    processes.forEach(Process::destroyForcibly);
  }

  private Path registry() {
    return temporary.resolve("runs");
  }

  private Process sleeper(String mark) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("sleep", "600");
    builder.environment().clear();
    if (mark != null) {
      builder.environment().putAll(Map.of(RunMark.VARIABLE, mark));
    }
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private static ProcessIdentity identity(Process process) {
    return ProcessIdentity.of(process.pid()).orElseThrow();
  }

  private static RunRecord.Place here() {
    return RunRecord.Place.here().orElseThrow();
  }

  private Path note(RunRecord.Place place, ProcessIdentity jvm, ProcessIdentity... noted)
      throws IOException {
    Files.createDirectories(registry());
    Files.setPosixFilePermissions(registry(), PosixFilePermissions.fromString("rwx------"));
    Path run = Files.createDirectories(temporary.resolve("srp42"));
    Files.writeString(run.resolve("words"), "");
    Path file = registry().resolve(RUN + RunRegistry.SUFFIX);
    Files.writeString(file, new RunRecord(RUN, place, run.toString(), jvm, List.of(noted)).text());
    return file;
  }

  private void start() throws IOException {
    new RunRegistry(registry()).open(temporary.resolve("srp43")).close();
  }

  private static boolean ends(Process process) throws InterruptedException {
    return process.waitFor(30, TimeUnit.SECONDS);
  }

  @Test
  void endsWhatADeadRunLeftAndClearsItAway() throws Exception {
    Process worker = sleeper(RUN + ".1");
    Process stray = sleeper(RUN + ".2");
    Path file = note(here(), new ProcessIdentity(NOBODY, 1), identity(worker));
    start();
    assertThat(ends(worker)).isTrue();
    assertThat(ends(stray)).isTrue();
    assertThat(file).doesNotExist();
    assertThat(temporary.resolve("srp42")).doesNotExist();
    assertThat(registry()).isEmptyDirectory();
  }

  @Test
  void sparesAnInnocentProcessThatHasTheNumberOfADeadOne() throws Exception {
    Process innocent = sleeper(null);
    long start = identity(innocent).start();
    note(
        here(),
        new ProcessIdentity(NOBODY, 1),
        new ProcessIdentity(innocent.pid(), start - 1),
        // Its very start: a file that lies, or a machine whose clock ticks slowly.
        new ProcessIdentity(innocent.pid(), start));
    Process other = sleeper("00ffee.1");
    start();
    assertThat(innocent.isAlive()).isTrue();
    assertThat(other.isAlive()).isTrue();
    assertThat(registry()).isEmptyDirectory();
  }

  @Test
  void takesARunForDeadWhoseJvmsNumberBelongsToAnother() throws Exception {
    Process worker = sleeper(RUN + ".1");
    Process reused = sleeper(null);
    note(here(), new ProcessIdentity(reused.pid(), identity(reused).start() - 1));
    start();
    assertThat(ends(worker)).isTrue();
    assertThat(reused.isAlive()).isTrue();
  }

  @Test
  void leavesALiveRunAlone() throws Exception {
    Process worker = sleeper(RUN + ".1");
    Process jvm = sleeper(null);
    Path file = note(here(), identity(jvm), identity(worker));
    start();
    assertThat(worker.isAlive()).isTrue();
    assertThat(file).exists();
    assertThat(temporary.resolve("srp42")).exists();
  }

  @Test
  void leavesOtherMachinesAndContainersAloneForAMonth() throws Exception {
    Process worker = sleeper(RUN + ".1");
    RunRecord.Place here = here();
    for (RunRecord.Place place :
        List.of(
            new RunRecord.Place("elsewhere", here.boot(), here.namespace()),
            new RunRecord.Place(here.host(), here.boot(), "pid:[1]"))) {
      Path file = note(place, new ProcessIdentity(NOBODY, 1), identity(worker));
      start();
      assertThat(worker.isAlive()).isTrue();
      assertThat(file).exists();
      Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(31))));
      start();
      assertThat(file).doesNotExist();
      assertThat(worker.isAlive()).isTrue();
    }
  }

  @Test
  void killsNothingAfterTheMachineWasStartedAgain() throws Exception {
    Process worker = sleeper(null);
    RunRecord.Place before = new RunRecord.Place(here().host(), "another", here().namespace());
    Path file = note(before, new ProcessIdentity(NOBODY, 1), identity(worker));
    start();
    assertThat(worker.isAlive()).isTrue();
    assertThat(file).doesNotExist();
    assertThat(temporary.resolve("srp42")).doesNotExist();
  }

  @Test
  void readsWhatItWroteAndNothingElse() throws Exception {
    Path file = note(here(), new ProcessIdentity(7, 8), new ProcessIdentity(9, 10));
    RunRecord read = RunRecord.read(file).orElseThrow();
    assertThat(read.id()).isEqualTo(RUN);
    assertThat(read.place()).isEqualTo(here());
    assertThat(read.jvm()).isEqualTo(new ProcessIdentity(7, 8));
    assertThat(read.processes()).containsExactly(new ProcessIdentity(9, 10));
    String text = Files.readString(file);
    for (String broken : List.of("", text.substring(0, text.length() - 5), "serpentry-run 2 x\n")) {
      Files.writeString(file, broken);
      assertThat(RunRecord.read(file)).isEmpty();
    }
    start();
    assertThat(file).exists();
  }

  @Test
  void writesOnlyWhereNobodyElseMay() throws Exception {
    Files.createDirectories(registry());
    Files.setPosixFilePermissions(registry(), PosixFilePermissions.fromString("rwxrwxrwx"));
    start();
    assertThat(registry()).isEmptyDirectory();
    Files.setPosixFilePermissions(registry(), PosixFilePermissions.fromString("rwx------"));
    Run run = new RunRegistry(registry()).open(temporary.resolve("srp44"));
    assertThat(registry()).isDirectoryContaining(file -> file.toString().endsWith(".run"));
    run.close();
    assertThat(registry()).isEmptyDirectory();
  }
}
