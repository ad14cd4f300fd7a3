// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One pool's run: its id, which every process of it carries, and its file in the {@link
 * RunRegistry}. Any thread may note; one at a time may {@link #write}.
 */
public final class Run {

  private static final int ID_BYTES = 16;

  private final String id = randomId();
  private final Path registry;
  private final RunRecord.Place place;
  private final String directory;
  private final ProcessIdentity jvm;
  private final Map<Long, ProcessIdentity> processes = new ConcurrentHashMap<>();
  private volatile boolean ended;

  /** A run; without a registry it is not noted anywhere. */
  Run(Path registry, RunRecord.Place place, String directory, ProcessIdentity jvm) {
    this.registry = registry;
    this.place = place;
    this.directory = directory;
    this.jvm = jvm;
  }

  private static String randomId() {
    byte[] bytes = new byte[ID_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /**
   * Its id, unique for all time.
   *
   * @return letters and digits
   */
  public String id() {
    return id;
  }

  /**
   * The variable that marks the processes of one of its launchers.
   *
   * @param launcher the launcher's number
   * @return one entry, for the launcher's environment
   */
  public Map<String, String> mark(int launcher) {
    return Map.of(RunMark.VARIABLE, id + "." + launcher);
  }

  /**
   * Notes a process that has been started.
   *
   * @param pid its number
   */
  public void started(long pid) {
    ProcessIdentity.of(pid).ifPresent(process -> processes.put(pid, process));
  }

  /**
   * Forgets a process that has ended.
   *
   * @param pid its number
   */
  public void ended(long pid) {
    processes.remove(pid);
  }

  /**
   * Writes what has been noted, whole or not at all. It is not forced to the disk: a crash of the
   * machine leaves no processes.
   *
   * @throws IOException when it cannot be written
   */
  public void write() throws IOException {
    if (registry == null || ended) {
      return;
    }
    RunRecord record = new RunRecord(id, place, directory, jvm, List.copyOf(processes.values()));
    Path aside = registry.resolve(id + ".new");
    Files.writeString(aside, record.text(), StandardCharsets.UTF_8);
    Files.move(aside, file(), StandardCopyOption.ATOMIC_MOVE);
  }

  private Path file() {
    return registry.resolve(id + RunRegistry.SUFFIX);
  }

  /**
   * Kills whatever a launcher that is lost has left, however far it has gone astray.
   *
   * @param launcher the launcher's number
   * @return how many processes were killed
   */
  public int endAllOf(int launcher) {
    String mark = id + "." + launcher;
    return RunMark.killAll(mark::equals);
  }

  /**
   * Kills whatever is left of the run. Nothing of it may be started any more.
   *
   * @return how many processes were killed
   */
  public int endAll() {
    return RunMark.killAll(mark -> mark.startsWith(id + "."));
  }

  /**
   * Takes the run out of the registry, once nothing of it is left.
   *
   * @throws IOException when its file cannot be deleted
   */
  public void close() throws IOException {
    ended = true;
    if (registry != null) {
      Files.deleteIfExists(file());
      Files.deleteIfExists(registry.resolve(id + ".new"));
    }
  }
}
