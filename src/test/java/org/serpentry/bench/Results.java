// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import jakarta.json.Json;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.JsonWriter;
import jakarta.json.stream.JsonGenerator;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where the figures go: one part for each JVM that measures, merged into {@code results.json} and
 * {@code results.md} whenever one is written. For one JVM at a time, which is how Maven runs them.
 */
public final class Results {

  private static final String JSON = ".json";
  private static final Set<String> COLUMNS =
      Set.of(
          "p50Micros",
          "p99Micros",
          "callsPerSecond",
          "ratio",
          "ratioOwnCores",
          "ratioAsItComes",
          "guardOverheadMicros");

  private final Path directory;
  private final String part;
  private final Map<String, Object> facts = new LinkedHashMap<>();
  private final Map<String, Object> entries = new LinkedHashMap<>();

  /**
   * The results of one part.
   *
   * @param directory where all results go, made when missing
   * @param part the part's name
   */
  public Results(Path directory, String part) {
    this.directory = directory;
    this.part = part;
    Machine.facts(facts);
  }

  /**
   * Notes what the figures were measured with.
   *
   * @param name the fact's name
   * @param value the fact
   * @return this part
   */
  public Results fact(String name, String value) {
    facts.put(name, value);
    return this;
  }

  /**
   * Adds an entry.
   *
   * @param name its name
   * @param figures its figures
   * @return this part
   */
  public Results put(String name, Figures figures) {
    entries.put(name, figures.values());
    return this;
  }

  /**
   * Writes this part, and everything that there is so far.
   *
   * @throws IOException when a file cannot be written or a part not read
   */
  public void write() throws IOException {
    Path parts = Files.createDirectories(directory.resolve("parts"));
    write(
        parts.resolve(part + JSON),
        Json.createObjectBuilder(Map.of("facts", facts, "entries", entries)).build());
    Map<String, JsonObject> all = read(parts);
    var merged = Json.createObjectBuilder();
    all.values().forEach(one -> one.getJsonObject("entries").forEach(merged::add));
    write(directory.resolve("results.json"), merged.build());
    Files.writeString(directory.resolve("results.md"), table(all));
  }

  private static void write(Path file, JsonObject content) throws IOException {
    var factory = Json.createWriterFactory(Map.of(JsonGenerator.PRETTY_PRINTING, true));
    try (Writer out = Files.newBufferedWriter(file);
        JsonWriter writer = factory.createWriter(out)) {
      writer.writeObject(content);
    }
  }

  private static Map<String, JsonObject> read(Path parts) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.list(parts)) {
      files = found.filter(file -> file.toString().endsWith(JSON)).sorted().toList();
    }
    Map<String, JsonObject> all = new LinkedHashMap<>();
    for (Path file : files) {
      String name = file.getFileName().toString();
      try (Reader in = Files.newBufferedReader(file);
          JsonReader reader = Json.createReader(in)) {
        all.put(name.substring(0, name.length() - JSON.length()), reader.readObject());
      }
    }
    return all;
  }

  private static String table(Map<String, JsonObject> parts) {
    StringBuilder out = new StringBuilder();
    out.append("| entry | p50 µs | p99 µs | calls/s | ratio | ratio, own cores |");
    out.append(" ratio, as it comes | guard overhead µs | others |\n");
    out.append("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n");
    for (JsonObject part : parts.values()) {
      part.getJsonObject("entries")
          .forEach((name, figures) -> out.append(row(name, figures.asJsonObject())));
    }
    parts.forEach(
        (name, part) -> {
          out.append("\nMeasured with (").append(name).append("):\n\n");
          part.getJsonObject("facts")
              .forEach((fact, value) -> out.append("- " + fact + ": " + text(value) + "\n"));
        });
    return out.toString();
  }

  private static String row(String name, JsonObject figures) {
    return "| `%s` | %s | %s | %s | %s | %s | %s | %s | %s |%n"
        .formatted(
            name,
            cell(figures, "p50Micros", "%.1f"),
            cell(figures, "p99Micros", "%.1f"),
            cell(figures, "callsPerSecond", "%.0f"),
            cell(figures, "ratio", "%.2f"),
            cell(figures, "ratioOwnCores", "%.2f"),
            cell(figures, "ratioAsItComes", "%.2f"),
            cell(figures, "guardOverheadMicros", "%.2f"),
            others(figures));
  }

  /** What has no column of its own. */
  private static String others(JsonObject figures) {
    return figures.keySet().stream()
        .filter(name -> !COLUMNS.contains(name))
        .map(name -> name + " " + cell(figures, name, "%.2f"))
        .collect(Collectors.joining(", "));
  }

  private static String text(JsonValue value) {
    return ((JsonString) value).getString();
  }

  private static String cell(JsonObject figures, String name, String format) {
    JsonValue value = figures.get(name);
    if (value == null) {
      return "";
    }
    return value instanceof JsonNumber number
        ? String.format(Locale.ROOT, format, number.doubleValue())
        : text(value);
  }
}
