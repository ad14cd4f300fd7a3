// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a run's file in the registry says, a line for each fact:
 *
 * <pre>
 * serpentry-run 1 &lt;run id&gt;
 * place &lt;host name&gt; &lt;boot id&gt; &lt;pid namespace&gt;
 * directory &lt;run directory&gt;
 * jvm &lt;pid&gt; &lt;start&gt;
 * process &lt;pid&gt; &lt;start&gt;
 * end
 * </pre>
 *
 * @param id the run's id
 * @param place where its processes can be found
 * @param directory its private directory, or empty
 * @param jvm the JVM that it belongs to
 * @param processes its launcher, templates and workers
 */
record RunRecord(
    String id,
    Place place,
    String directory,
    ProcessIdentity jvm,
    List<ProcessIdentity> processes) {

  private static final String HEAD = "serpentry-run 1 ";

  /**
   * Where a process number means something.
   *
   * @param host the machine's name
   * @param boot changes with each start of the machine
   * @param namespace whose numbers they are
   */
  record Place(String host, String boot, String namespace) {

    /** This process's own; empty without {@code /proc}. */
    static Optional<Place> here() {
      try {
        return Optional.of(
            new Place(
                word("/proc/sys/kernel/hostname"),
                word("/proc/sys/kernel/random/boot_id"),
                Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString()));
      } catch (IOException e) {
        return Optional.empty();
      }
    }

    private static String word(String file) throws IOException {
      return Files.readString(Path.of(file)).strip().replace(' ', '_');
    }
  }

  String text() {
    StringBuilder text = new StringBuilder(HEAD).append(id).append('\n');
    text.append("place %s %s %s\n".formatted(place.host, place.boot, place.namespace));
    text.append("directory ").append(directory).append('\n');
    line(text, "jvm", jvm);
    processes.forEach(process -> line(text, "process", process));
    return text.append("end\n").toString();
  }

  private static void line(StringBuilder text, String kind, ProcessIdentity process) {
    text.append(kind).append(' ').append(process.pid()).append(' ');
    text.append(process.start()).append('\n');
  }

  /** Reads a file; empty when it is none of this version, or not whole. */
  static Optional<RunRecord> read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    if (lines.size() < 5
        || !lines.get(0).startsWith(HEAD)
        || !lines.get(lines.size() - 1).equals("end")) {
      return Optional.empty();
    }
    try {
      String[] place = lines.get(1).split(" ", -1);
      List<ProcessIdentity> processes = new ArrayList<>();
      for (String line : lines.subList(3, lines.size() - 1)) {
        String[] words = line.split(" ", -1);
        processes.add(new ProcessIdentity(Long.parseLong(words[1]), Long.parseLong(words[2])));
      }
      return Optional.of(
          new RunRecord(
              lines.get(0).substring(HEAD.length()),
              new Place(place[1], place[2], place[3]),
              lines.get(2).substring("directory ".length()),
              processes.get(0),
              List.copyOf(processes.subList(1, processes.size()))));
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }
}
