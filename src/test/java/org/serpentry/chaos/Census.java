// SPDX-License-Identifier: Apache-2.0
package org.serpentry.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.serpentry.testing.Processes;

/**
 * What this JVM holds at a moment.
 *
 * @param processes its living descendants
 * @param threads its threads by name without numbers, but those that the JDK keeps for a while
 * @param descriptors its open sockets, pipes and selectors by kind
 * @param runDirectories the run directories of pools in the temporary directory
 */
record Census(
    long processes, Map<String, Long> threads, Map<String, Long> descriptors, long runDirectories) {

  private static final List<String> PASSING =
      List.of(
          // Comes when a tool such as jps or jcmd looks at this JVM, and stays.
          "Attach Listener",
          "ForkJoinPool",
          "process reaper",
          "Common-Cleaner",
          "CompletableFutureDelay",
          "-chores");

  static Census take() {
    return new Census(
        ProcessHandle.current().descendants().filter(p -> Processes.alive(p.pid())).count(),
        counted(
            Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> PASSING.stream().noneMatch(name::contains))),
        counted(Processes.openChannels().stream()),
        runs());
  }

  private static Map<String, Long> counted(Stream<String> names) {
    return names
        .map(name -> name.replaceAll("\\d+", "N"))
        .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()));
  }

  private static long runs() {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files.filter(f -> f.getFileName().toString().startsWith("srp")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The differences that this census shows against an earlier one, in words; empty for none. */
  String against(Census before) {
    StringBuilder found = new StringBuilder();
    if (processes != before.processes) {
      found.append("processes %d -> %d; ".formatted(before.processes, processes));
    }
    if (!threads.equals(before.threads)) {
      found.append("threads %s -> %s; ".formatted(before.threads, threads));
    }
    if (!descriptors.equals(before.descriptors)) {
      found.append("descriptors %s -> %s; ".formatted(before.descriptors, descriptors));
    }
    return found.toString();
  }

  @Override
  public String toString() {
    return "processes %d, threads %d, descriptors %d, run directories %d"
        .formatted(processes, sum(threads), sum(descriptors), runDirectories);
  }
}
