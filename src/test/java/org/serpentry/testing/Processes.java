// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Looks at and strikes processes of this machine, by way of {@code /proc}. */
public final class Processes {

  private static final long ZOMBIE_LOOK_MILLIS = 20;
  private static final long STOP_MILLIS = 10_000;
  private static final long STOP_LOOK_NANOS = 100_000;

  private Processes() {}

  /**
   * Sends a signal, for example {@code STOP}, after which the process stands still: it stops only
   * when it gets to run, which on a busy machine is later.
   */
  public static void signal(String name, long pid) {
    try {
      int status =
          new ProcessBuilder("kill", "-" + name, Long.toString(pid)).inheritIO().start().waitFor();
      if (status != 0) {
        throw new AssertionError("kill -%s %d ended with %d".formatted(name, pid, status));
      }
      if (name.equals("STOP")) {
        awaitStop(pid);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted while it sent a signal", e);
    }
  }

  private static void awaitStop(long pid) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STOP_MILLIS);
    while (stat(pid).filter(fields -> "RSD".contains(fields[0])).isPresent()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("process " + pid + " still runs after SIGSTOP");
      }
      LockSupport.parkNanos(STOP_LOOK_NANOS);
    }
  }

  /** Whether a process is there and has not ended; a zombie has. */
  public static boolean alive(long pid) {
    return stat(pid).filter(fields -> !fields[0].equals("Z") && !fields[0].equals("X")).isPresent();
  }

  /** Whether a process stands still, as after SIGSTOP. */
  public static boolean stopped(long pid) {
    return stat(pid).filter(fields -> fields[0].equals("T")).isPresent();
  }

  /** The living processes of a session, which is what a launcher and all its descendants are. */
  public static List<Long> ofSession(long session) {
    List<Long> found = new ArrayList<>();
    for (long pid : all()) {
      stat(pid)
          .filter(fields -> fields[3].equals(Long.toString(session)) && !fields[0].equals("Z"))
          .ifPresent(fields -> found.add(pid));
    }
    return found;
  }

  /** The children of a process. */
  public static List<Long> childrenOf(long parent) {
    return all().stream()
        .filter(pid -> stat(pid).filter(f -> f[1].equals(Long.toString(parent))).isPresent())
        .toList();
  }

  /** Waits for the end of processes that are not this one's children. */
  public static void awaitEnd(List<Long> pids, long millis) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (long pid : pids) {
      while (alive(pid)) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("process " + pid + " still lives after " + millis + " ms");
        }
        awaitExit(pid);
      }
    }
  }

  /** Returns at a process's end or soon after: a zombie that nobody collects tells of no end. */
  private static void awaitExit(long pid) {
    Optional<ProcessHandle> handle = ProcessHandle.of(pid);
    if (handle.isPresent()) {
      try {
        handle.get().onExit().get(ZOMBIE_LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        return; // The caller looks again.
      } catch (InterruptedException | ExecutionException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static List<Long> all() {
    try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
      return entries
          .map(path -> path.getFileName().toString())
          .filter(name -> name.chars().allMatch(Character::isDigit))
          .map(Long::valueOf)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** State, parent, group, session and more; empty when the process is gone. */
  private static Optional<String[]> stat(long pid) {
    try {
      String text = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return Optional.of(text.substring(text.lastIndexOf(')') + 2).split(" "));
    } catch (IOException e) {
      return Optional.empty(); // It has ended in the meantime.
    }
  }

  /** This process's open sockets, pipes and selectors. */
  public static List<String> openChannels() {
    List<String> found = new ArrayList<>();
    try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd"))) {
      for (Path path : (Iterable<Path>) entries::iterator) {
        try {
          String target = Files.readSymbolicLink(path).toString();
          if (!target.startsWith("/")) {
            found.add(target.replaceAll("\\d+", ""));
          }
        } catch (IOException e) {
          // The listing's own, closed by now.
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }
}
