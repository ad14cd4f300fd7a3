// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench.plots;

import jakarta.json.Json;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * {@code mvn -Pbench verify -Dbench.plots}: draws {@code results.json}. What has not been measured
 * is not drawn, and its old picture stays.
 */
public final class Plots {

  private static final String P50 = "p50Micros";
  private static final List<String> LATENCIES =
      List.of(
          "raw-socket",
          "core-call",
          "core-call.json",
          "core-call.dataclass",
          "core-call-async",
          "session-call",
          "raw-socket.wildfly",
          "cdi-direct.wildfly",
          "cdi-call-default.wildfly",
          "cdi-call.wildfly",
          "call-async.wildfly",
          "raw-socket.payara",
          "cdi-direct.payara",
          "cdi-call-default.payara",
          "cdi-call.payara",
          "call-async.payara");
  private static final int[] WORKERS = {1, 2, 4, 8};
  private static final int[] PLACES = {1, 16};

  private final JsonObject results;
  private final Path directory;
  private final List<Path> drawn = new ArrayList<>();

  private Plots(JsonObject results, Path directory) {
    this.results = results;
    this.directory = directory;
  }

  /**
   * Draws.
   *
   * @param arguments the file {@code results.json}, and the directory where the pictures go
   * @throws IOException when a file cannot be read or written
   */
  public static void main(String[] arguments) throws IOException {
    draw(Path.of(arguments[0]), Path.of(arguments[1]))
        .forEach(file -> System.out.println("drawn: " + file));
  }

  /** Draws all that has been measured; gives the files. */
  static List<Path> draw(Path results, Path directory) throws IOException {
    try (Reader in = Files.newBufferedReader(results);
        JsonReader reader = Json.createReader(in)) {
      Plots plots = new Plots(reader.readObject(), Files.createDirectories(directory));
      plots.latency();
      plots.throughput();
      plots.lateness();
      plots.payload();
      plots.arrays();
      plots.peers();
      return plots.drawn;
    }
  }

  private void latency() throws IOException {
    BarPlot plot =
        new BarPlot(
            "One call by one caller, p50 (logarithmic)",
            List.of("both ends on one core", "a core each", "as it comes"),
            Axis.MICROS);
    for (String name : LATENCIES) {
      if (has(name)) {
        plot.add(
            name,
            figure(name, P50),
            figure(name, "p50MicrosOwnCores"),
            figure(name, "p50MicrosAsItComes"));
      }
    }
    write("latency", plot.isEmpty(), plot::draw);
  }

  private void throughput() throws IOException {
    LinePlot plot =
        new LinePlot(
            "Calls per second, each caller as fast as it can",
            "callers",
            Axis.COUNT,
            "calls per second",
            Axis.COUNT,
            false);
    load(plot, "callsPerSecond");
    write("throughput", plot.isEmpty(), plot::draw);
  }

  private void lateness() throws IOException {
    LinePlot plot =
        new LinePlot(
            "p99 at half of that load, counted from when a call was due",
            "callers",
            Axis.COUNT,
            "p99",
            Axis.MICROS,
            true);
    load(plot, "openP99Micros");
    write("load-latency", plot.isEmpty(), plot::draw);
  }

  private void load(LinePlot plot, String figure) {
    for (int places : PLACES) {
      for (int i = 0; i < WORKERS.length; i++) {
        int workers = WORKERS[i];
        String prefix = "load.%d-workers.%d-places.".formatted(workers, places);
        String name =
            "%d worker%s, %s"
                .formatted(
                    workers,
                    workers == 1 ? "" : "s",
                    places == 1 ? "a call each" : places + " calls each");
        plot.add(
            name, i, places == 1, points(entry -> entry.startsWith(prefix), "callers", figure));
      }
    }
  }

  private void payload() throws IOException {
    LinePlot plot =
        new LinePlot(
            "A call with a text, p50 with a core for each end",
            "size of the text",
            Axis.BYTES,
            "p50",
            Axis.MICROS,
            true);
    String[] ways = {"in", "out", "both"};
    String[] names = {"as argument", "as result", "both ways"};
    for (int i = 0; i < ways.length; i++) {
      String prefix = "payload." + ways[i] + ".";
      plot.add(names[i], i, false, points(entry -> entry.startsWith(prefix), "bytes", P50));
    }
    write("payload", plot.isEmpty(), plot::draw);
  }

  /** Whatever series {@code array.<series>.<bytes>} there are. */
  private void arrays() throws IOException {
    LinePlot plot =
        new LinePlot(
            "A call with an array, p50", "size of the array", Axis.BYTES, "p50", Axis.MICROS, true);
    List<String> series =
        results.keySet().stream()
            .filter(name -> name.startsWith("array.") && has(name, "bytes"))
            .map(name -> name.substring(0, name.lastIndexOf('.') + 1))
            .distinct()
            .sorted()
            .toList();
    for (int i = 0; i < series.size(); i++) {
      String prefix = series.get(i);
      plot.add(
          prefix.substring("array.".length(), prefix.length() - 1),
          i,
          false,
          points(entry -> entry.startsWith(prefix), "bytes", P50));
    }
    write("arrays", plot.isEmpty(), plot::draw);
  }

  private void peers() throws IOException {
    BarPlot one =
        new BarPlot(
            "The same call by other ways, one caller, p50 (logarithmic)",
            List.of("both ends on one core", "a core each", "as it comes"),
            Axis.MICROS);
    BarPlot many =
        new BarPlot(
            "32 callers on 2 Python processes, calls per second (logarithmic)",
            List.of("calls"),
            Axis.COUNT);
    for (String name : results.keySet()) {
      if (name.startsWith("peers.many.") && has(name, "callsPerSecond")) {
        many.add(name.substring("peers.many.".length()), figure(name, "callsPerSecond"));
      } else if (name.startsWith("peers.") && has(name, P50)) {
        one.add(
            name.substring("peers.".length()),
            figure(name, P50),
            figure(name, "p50MicrosOwnCores"),
            figure(name, "p50MicrosAsItComes"));
      }
    }
    write("peers", one.isEmpty(), one::draw);
    write("peers-throughput", many.isEmpty(), many::draw);
  }

  private SortedMap<Double, Double> points(Predicate<String> entries, String across, String up) {
    TreeMap<Double, Double> points = new TreeMap<>();
    for (String name : results.keySet()) {
      if (entries.test(name) && has(name, across) && has(name, up)) {
        points.put(figure(name, across), figure(name, up));
      }
    }
    return points;
  }

  private boolean has(String entry) {
    return has(entry, P50);
  }

  private boolean has(String entry, String figure) {
    return results.containsKey(entry)
        && results.getJsonObject(entry).get(figure) instanceof JsonNumber;
  }

  private double figure(String entry, String figure) {
    return has(entry, figure)
        ? results.getJsonObject(entry).getJsonNumber(figure).doubleValue()
        : Double.NaN;
  }

  private void write(String name, boolean empty, Supplier<String> picture) throws IOException {
    if (!empty) {
      drawn.add(Files.writeString(directory.resolve(name + ".svg"), picture.get()));
    }
  }
}
