// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.serpentry.attachment.SharedMemory;

/**
 * The lasting directory in which every run notes its processes, so that what a crash of the server
 * and of its launchers leaves behind is ended by the next start. Only what a dead run noted, by
 * number and start, or what carries its mark is ever killed; a run is dead when its JVM is. Several
 * JVMs and applications may use one directory at once.
 *
 * <p>Files of other machines and containers, which may share the directory, are left alone for 30
 * days.
 */
public final class RunRegistry {

  static final String SUFFIX = ".run";

  private static final Logger LOG = System.getLogger(RunRegistry.class.getName());
  private static final Duration FOREIGN = Duration.ofDays(30);
  private static final Set<PosixFilePermission> OTHERS_WRITE =
      EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private final Path directory;

  /**
   * The registry in a directory.
   *
   * @param directory made when it is missing, mode 0700
   */
  public RunRegistry(Path directory) {
    this.directory = directory.toAbsolutePath();
  }

  /**
   * Ends what dead runs have left, and notes a new one.
   *
   * @param runDirectory the new run's private directory, deleted with what it leaves behind
   * @return the run; when the registry cannot be used, which is logged, one that is not noted
   */
  public Run open(Path runDirectory) {
    Optional<RunRecord.Place> here = RunRecord.Place.here();
    Optional<ProcessIdentity> jvm = ProcessIdentity.of(ProcessHandle.current().pid());
    if (here.isEmpty() || jvm.isEmpty()) {
      return new Run(null, null, "", null); // No Linux: process numbers cannot be told apart.
    }
    try {
      prepare();
      sweep(here.get());
      Run run = new Run(directory, here.get(), runDirectory.toString(), jvm.get());
      run.write();
      return run;
    } catch (IOException | UncheckedIOException e) {
      LOG.log(
          Level.WARNING,
          "The run registry "
              + directory
              + " cannot be used: what a crash leaves behind will not be found. Name a directory that"
              + " this account alone may write as serpentry.pool.<name>.run-registry",
          e);
      return new Run(null, here.get(), "", jvm.get());
    }
  }

  private void prepare() throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Set<PosixFilePermission> rights = Files.getPosixFilePermissions(directory);
    if (rights.stream().anyMatch(OTHERS_WRITE::contains)) {
      throw new IOException("others may write to " + directory);
    }
  }

  private void sweep(RunRecord.Place here) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path file : files) {
        try {
          consider(file, here);
        } catch (NoSuchFileException e) {
          LOG.log(Level.DEBUG, "Another start was faster", e);
        } catch (IOException e) {
          LOG.log(Level.WARNING, "What " + file + " notes could not be cleared away", e);
        }
      }
    }
  }

  private static void consider(Path file, RunRecord.Place here) throws IOException {
    RunRecord found = RunRecord.read(file).orElse(null);
    boolean foreign =
        found == null
            || !found.place().host().equals(here.host())
            || (found.place().boot().equals(here.boot())
                && !found.place().namespace().equals(here.namespace()));
    if (foreign) {
      Instant changed = Files.getLastModifiedTime(file).toInstant();
      if (changed.plus(FOREIGN).isBefore(Instant.now())) {
        Files.deleteIfExists(file);
      }
      return;
    }
    boolean rebooted = !found.place().boot().equals(here.boot());
    if (!rebooted) {
      if (found.jvm().exists()) {
        return;
      }
      int ended = clear(found);
      LOG.log(
          Level.INFO,
          "Ended {0} processes that a run of the dead JVM {1} had left",
          Integer.toString(ended),
          Long.toString(found.jvm().pid()));
    }
    if (!found.directory().isEmpty()) {
      SharedMemory.sweepRun(Path.of(found.directory()), found.id());
    }
    deleteRunDirectory(found.directory());
    Files.deleteIfExists(file);
  }

  private static int clear(RunRecord found) {
    int ended = 0;
    for (ProcessIdentity process : found.processes()) {
      // Its environment cannot always be read. Where it can, it must agree.
      Optional<String> mark = RunMark.of(process.pid());
      if (mark.isPresent() && mark.get().startsWith(found.id() + ".") && process.kill()) {
        ended++;
      } else if (mark.isEmpty() && !readable(process) && process.kill()) {
        ended++;
      }
    }
    return ended + RunMark.killAll(mark -> mark.startsWith(found.id() + "."));
  }

  private static boolean readable(ProcessIdentity process) {
    return Files.isReadable(Path.of("/proc", Long.toString(process.pid()), "environ"));
  }

  private static void deleteRunDirectory(String noted) throws IOException {
    Path directory = Path.of(noted);
    if (noted.isEmpty()
        || !directory.getFileName().toString().startsWith("srp")
        || !Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : (Iterable<Path>) paths.sorted(Comparator.reverseOrder())::iterator) {
        Files.deleteIfExists(path);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
