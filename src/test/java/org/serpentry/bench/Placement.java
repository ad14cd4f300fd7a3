// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Which cores the two ends of a measured connection run on: the calling thread and the Python
 * processes. The scheduler would keep one subject's ends on one core and spread another's, which
 * changes a median more than anything that either does. All threads of a Python process are placed
 * with it; the other threads of the JVM stay free.
 *
 * <p>Used by the thread that measures.
 */
public final class Placement {

  /** A way of placing them. */
  public enum Way {
    /** Both ends on one core: a call costs context switches. */
    ONE_CORE(""),
    /** Each end on a core of its own: a call costs wake-ups. */
    OWN_CORES("OwnCores"),
    /** As the scheduler has it. */
    AS_IT_COMES("AsItComes");

    private final String suffix;

    Way(String suffix) {
      this.suffix = suffix;
    }

    String suffix() {
      return suffix;
    }
  }

  private static final String SCRIPT =
      """
      import os, sys
      cores = [int(core) for core in sys.argv[1].split(",")]
      for entry in sys.argv[2:]:
          for thread in os.listdir(entry) if "/" in entry else [entry]:
              try:
                  os.sched_setaffinity(int(thread), cores)
              except ProcessLookupError:
                  pass  # it has just ended
      """;

  private final Path interpreter;
  private final long[] pythons;
  private final List<Integer> cores;

  private Placement(Path interpreter, long[] pythons, List<Integer> cores) {
    this.interpreter = interpreter;
    this.pythons = pythons;
    this.cores = cores;
  }

  /**
   * The placement of the calling thread and some processes.
   *
   * @param interpreter a Python, which has the system call
   * @param pythons the processes
   * @return the placement, with one way only where the system has no affinity or one core only
   * @throws IOException when Python cannot be run
   * @throws InterruptedException when interrupted
   */
  public static Placement of(Path interpreter, long... pythons)
      throws IOException, InterruptedException {
    String cores =
        python(
            interpreter,
            "import os\n"
                + "print(*sorted(getattr(os, 'sched_getaffinity', lambda _: [])(0)), sep=',')");
    List<Integer> usable =
        cores.isEmpty()
            ? List.of()
            : Arrays.stream(cores.split(",", -1)).map(Integer::valueOf).toList();
    return new Placement(interpreter, pythons, usable);
  }

  /** The ways that this machine has, the one that counts first. */
  List<Way> ways() {
    return cores.size() < 2
        ? List.of(Way.AS_IT_COMES)
        : List.of(Way.ONE_CORE, Way.OWN_CORES, Way.AS_IT_COMES);
  }

  /** Places both ends. */
  void apply(Way way) throws IOException, InterruptedException {
    if (cores.size() < 2) {
      return;
    }
    List<Integer> last = cores.subList(cores.size() - 1, cores.size());
    switch (way) {
      case ONE_CORE -> place(last, last);
      case OWN_CORES -> place(cores.subList(0, 1), last);
      case AS_IT_COMES -> place(cores, cores);
    }
  }

  private void place(List<Integer> caller, List<Integer> callees)
      throws IOException, InterruptedException {
    // The link's target: <pid>/task/<tid>
    Path self = Files.readSymbolicLink(Path.of("/proc/thread-self"));
    pin(caller, Stream.of(self.getFileName().toString()));
    pin(callees, LongStream.of(pythons).mapToObj(pid -> "/proc/" + pid + "/task"));
  }

  /** Pins threads, and all the threads of the processes whose directory of them is named. */
  private void pin(List<Integer> to, Stream<String> threads)
      throws IOException, InterruptedException {
    String list = to.stream().map(String::valueOf).collect(Collectors.joining(","));
    python(interpreter, SCRIPT, Stream.concat(Stream.of(list), threads).toArray(String[]::new));
  }

  private static String python(Path interpreter, String script, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of(interpreter.toString(), "-I", "-S", "-c", script));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(command + " ended with " + process.exitValue());
    }
    return said.strip();
  }
}
