// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What this process's control group says of processes that the kernel killed for want of memory:
 * the {@code oom_kill} count of {@code memory.events.local} or {@code memory.events} (version 2) or
 * of {@code memory.oom_control} (version 1). The kernel counts before it kills, so a count that has
 * grown at a worker's death is the evidence for it; each unit of growth is evidence once, and only
 * until the second {@link #age} after it. Workers are in the control group of the server that
 * started their launcher.
 *
 * <p>For one thread.
 */
public final class OomEvidence {

  private static final String COUNT = "oom_kill ";

  private final List<Path> files;
  private long spent;
  private long atLastAge;

  /**
   * Evidence about the control group of this process.
   *
   * @param root the root of the file system, {@code /} but for tests
   */
  public OomEvidence(Path root) {
    this.files = candidates(root);
    this.spent = kills();
    this.atLastAge = spent;
  }

  private static List<Path> candidates(Path root) {
    List<Path> files = new ArrayList<>();
    Path mounts = root.resolve("sys/fs/cgroup");
    List<String> groups = read(root.resolve("proc/self/cgroup"));
    for (String group : groups) {
      // "<number>:<controllers>:<path>"; number 0 and no controllers is the one of version 2.
      String[] parts = group.split(":", 3);
      if (parts.length < 3) {
        continue;
      }
      String path = parts[2].startsWith("/") ? parts[2].substring(1) : parts[2];
      if (parts[1].isEmpty()) {
        // In a container without a cgroup namespace its own group is mounted as the root.
        for (Path mount : List.of(mounts, mounts.resolve("unified"))) {
          for (Path directory : List.of(mount.resolve(path), mount)) {
            files.add(directory.resolve("memory.events.local"));
            files.add(directory.resolve("memory.events"));
          }
        }
      } else if (List.of(parts[1].split(",")).contains("memory")) {
        Path mount = mounts.resolve("memory");
        files.add(mount.resolve(path).resolve("memory.oom_control"));
        files.add(mount.resolve("memory.oom_control"));
      }
    }
    return files;
  }

  /** The lines of a file; none when it is not there, which is how this kernel says no. */
  private static List<String> read(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }

  /**
   * How many processes of the control group have been killed for want of memory.
   *
   * @return the number, or -1 when nothing tells
   */
  public long kills() {
    for (Path file : files) {
      for (String line : read(file)) {
        if (line.startsWith(COUNT)) {
          return Long.parseLong(line.substring(COUNT.length()).strip());
        }
      }
    }
    return -1;
  }

  /**
   * Asks, at a death by SIGKILL, for evidence that the kernel did it, and spends that evidence.
   *
   * @return whether the count has grown by one that no other death has been laid to
   */
  public boolean take() {
    long now = kills();
    if (spent < 0 || now <= spent) {
      spent = Math.max(spent, now); // Without a count from before the death nothing has grown.
      return false;
    }
    spent++;
    return true;
  }

  /** Drops what was evidence at the last call already: it was about processes of others. */
  public void age() {
    spent = Math.max(spent, atLastAge);
    atLastAge = kills();
  }
}
