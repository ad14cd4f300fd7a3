// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The memory that one pool shares with its workers: where it lies and how much of it there may be,
 * one half for arguments and one for results. Any thread may call.
 */
public final class SharedMemory {

  private static final Logger LOG = System.getLogger(SharedMemory.class.getName());
  private static final String NOTE = "segments";
  private static final String PREFIX = "serpentry-";

  /**
   * What a pool's settings say.
   *
   * @param directory where segments lie for as long as they have a name
   * @param budget bytes in use at most; 0 for no shared memory
   * @param threshold size from which attachments go there
   * @param owner operating-system user of the workers, or empty
   */
  public record Settings(Path directory, long budget, long threshold, String owner) {
    Settings in(Path other) {
      return new Settings(other, budget, threshold, owner);
    }
  }

  /** The settings that a worker was born with; unusable ones mean the socket. */
  record Place(Settings settings, boolean usable) {}

  private final String pool;
  private final String run;
  private final Path runDirectory;
  private final Budget arguments;
  private final Budget results;
  private final AtomicBoolean toldShort = new AtomicBoolean();
  private final Map<String, Place> living = new ConcurrentHashMap<>();
  private final Set<Path> directories = ConcurrentHashMap.newKeySet();
  private final Queue<String> warnings = new ConcurrentLinkedQueue<>();
  private volatile String shortage = "";
  private volatile Place place;

  private SharedMemory(String pool, String run, Settings settings, Path runDirectory) {
    this.pool = pool;
    this.run = run;
    this.runDirectory = runDirectory;
    this.place = new Place(settings, settings.budget() > 0 && noted(settings.directory()));
    this.arguments = new Budget(settings.budget() / 2);
    this.results = new Budget(settings.budget() / 2);
  }

  /**
   * The shared memory of a pool that starts; without any when its directory cannot be used, which
   * is logged.
   *
   * @param pool the pool's name, for messages
   * @param run the run's id
   * @param runDirectory notes where the segments lie, for {@link #sweepRun}
   * @param settings the pool's settings
   * @return the memory
   */
  public static SharedMemory open(String pool, String run, Path runDirectory, Settings settings) {
    return new SharedMemory(pool, run, settings, runDirectory);
  }

  private boolean noted(Path directory) {
    try {
      if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
        throw new IOException(directory + " is no directory that can be written to");
      }
      if (directories.add(directory)) {
        Files.writeString(
            runDirectory.resolve(NOTE),
            directory + "\n",
            StandardCharsets.UTF_8,
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
      }
      return true;
    } catch (IOException e) {
      warn("No shared memory, large arguments and results go by the socket: " + e.getMessage());
      return false;
    }
  }

  /**
   * Uses another directory for the workers that are born from now on; those that live keep theirs.
   *
   * @param directory on a file system in memory
   */
  public void directory(Path directory) {
    Settings now = place.settings().in(directory);
    shortage = "";
    toldShort.set(false);
    place = new Place(now, now.budget() > 0 && noted(directory));
  }

  private void warn(String text) {
    shortage = text;
    warnings.add(text);
    LOG.log(Level.WARNING, "[{0}] {1}", pool, text);
  }

  /**
   * What the log has been told of memory that cannot be had, at most once of each kind.
   *
   * @return the texts
   */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  /**
   * Why large arguments and results go by the socket.
   *
   * @return the last warning since the directory was set, or empty
   */
  public String shortage() {
    return shortage;
  }

  /**
   * Takes away what a run has left that is over.
   *
   * @param runDirectory its private directory
   * @param run its id
   */
  public static void sweepRun(Path runDirectory, String run) {
    Path note = runDirectory.resolve(NOTE);
    try {
      if (!run.isEmpty() && Files.isRegularFile(note)) {
        for (String line : Files.readAllLines(note, StandardCharsets.UTF_8)) {
          Path directory = Path.of(line);
          if (Files.isDirectory(directory)) {
            SegmentFile.sweep(directory, PREFIX + run + "-", name -> true);
          }
        }
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "What " + note + " notes could not be swept", e);
    }
  }

  /**
   * The segments of one worker.
   *
   * @param worker its number
   * @return what it and the host share
   */
  public WorkerMemory forWorker(long worker) {
    Place now = place;
    living.put(prefix(worker), now);
    return new WorkerMemory(this, prefix(worker), now);
  }

  /**
   * A worker has ended. Takes away what it has left, and what workers before it have: one whose
   * launcher was lost may still have made a file after its end was noticed.
   */
  void ended(String prefix, boolean used) {
    living.remove(prefix);
    if (used) {
      for (Path directory : directories) {
        if (!Files.isDirectory(directory)) {
          continue; // It has been taken away, as somebody was told.
        }
        SegmentFile.sweep(
            directory,
            PREFIX + run + "-",
            name -> living.keySet().stream().noneMatch(name::startsWith));
      }
    }
  }

  private String prefix(long worker) {
    return PREFIX + run + "-" + worker + "-";
  }

  /**
   * What a worker is told in the WELCOME.
   *
   * @param worker its number
   * @return the members of {@code sharedMemory}; none when there is no shared memory
   */
  public Map<String, Object> welcome(long worker) {
    Place born = living.getOrDefault(prefix(worker), place);
    return born.usable()
        ? Map.of(
            "directory",
            born.settings().directory().toString(),
            "prefix",
            prefix(worker),
            "threshold",
            born.settings().threshold())
        : Map.of();
  }

  /**
   * Whether arguments may be too large for a frame.
   *
   * @param size their bytes
   * @return whether they could lie in shared memory
   */
  public boolean takes(long size) {
    Place now = place;
    return now.usable() && size >= now.settings().threshold() && size <= arguments.limit();
  }

  /**
   * How much is in use.
   *
   * @return bytes, those reserved for results under way among them
   */
  public long used() {
    return arguments.used() + results.used();
  }

  /**
   * How much there may be.
   *
   * @return bytes, one half for arguments and one for results
   */
  public long limit() {
    return arguments.limit() + results.limit();
  }

  Budget arguments() {
    return arguments;
  }

  Budget results() {
    return results;
  }

  /** Says once that something went by the socket for want of shared memory. */
  void tellShort(String why) {
    if (toldShort.compareAndSet(false, true)) {
      warn("Shared memory is short, what does not fit goes by the socket: " + why);
    }
  }
}
