// SPDX-License-Identifier: Apache-2.0
package org.serpentry.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files in {@code deploy/monitoring} against what a running pool tells. */
@Tag("core-pool")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
@Tag("layer-2")
class MonitoringFilesTest {
  private static final Path FILES = Path.of("deploy", "monitoring");
  private static final String APPLICATION = "monitored-shop";
  private static final Path GOLDEN =
      Path.of("src", "test", "resources", "org", "serpentry", "management");
  private static final Pattern MEMBER = Pattern.compile("(?m)^(?:attribute|operation) (\\w+)");

  /** Only a name of several words is told from prose. */
  private static final Pattern CAMEL = Pattern.compile("\\b\\w*[a-z][A-Z]\\w*\\b");

  private static final Pattern METRIC = Pattern.compile("\\bserpentry_[a-z0-9_]+");
  private static final Pattern MATCHERS = Pattern.compile("\\{([^{}]*)}");
  private static final Pattern GROUPING = Pattern.compile("\\bby \\(([^)]*)\\)");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)\\s*(?:=~?|!=|!~|,|$)");

  /** What JMX does not have; the file says so. */
  private static final Set<String> NOT_OVER_JMX =
      Set.of(
          "serpentry_call_duration_seconds_bucket",
          "serpentry_call_duration_seconds_count",
          "serpentry_call_duration_seconds_sum",
          "serpentry_code_info",
          "serpentry_last_error_time_seconds",
          "serpentry_pool_suspended",
          "serpentry_worker_deaths_total");

  private static WatchedShop shop;
  private static Scrape scrape;

  @BeforeAll
  static void open() {
    shop = new WatchedShop(APPLICATION);
    shop.function("faulty:add").args(1, 2).call(Integer.class);
    scrape = shop.scrape();
  }

  @AfterAll
  static void close() {
    shop.close();
  }

  @Test
  void everyAlertNamesOnlyMetricsAndLabelsThatThereAre() throws IOException {
    List<String> expressions = new ArrayList<>();
    for (Map<String, Object> rule : rules()) {
      expressions.add((String) rule.get("expr"));
      if (rule.containsKey("alert")) {
        assertThat(members(rule.get("annotations"))).containsKeys("summary", "action");
        assertThat(members(rule.get("labels"))).containsKey("severity");
      }
    }

    assertThat(expressions).hasSizeGreaterThan(10).allSatisfy(MonitoringFilesTest::assertKnown);
  }

  @Test
  void everyActionNamesOnlyWhatTheBeansHave() throws IOException {
    Set<String> there = new TreeSet<>();
    try (DirectoryStream<Path> beans = Files.newDirectoryStream(GOLDEN, "*MXBean.txt")) {
      for (Path bean : beans) {
        MEMBER.matcher(Files.readString(bean)).results().forEach(m -> there.add(m.group(1)));
      }
    }
    Map<String, String> actions = new TreeMap<>();
    for (Map<String, Object> rule : rules()) {
      if (rule.containsKey("alert")) {
        actions.put(
            (String) rule.get("alert"), (String) members(rule.get("annotations")).get("action"));
      }
    }
    Set<String> named = new TreeSet<>();
    actions
        .values()
        .forEach(text -> CAMEL.matcher(text).results().forEach(name -> named.add(name.group())));

    assertThat(named).contains("StatusReason", "dumpPythonStacks");
    assertThat(there).contains("resize", "resume", "suspend").containsAll(named);
    // New code with the same fault would come of reloadCode: what undoes a deploy is the other.
    assertThat(actions.get("SerpentryCrashBreakerOpen"))
        .contains("rollbackCode")
        .doesNotContain("reloadCode");
  }

  @Test
  void everyPanelNamesOnlyMetricsAndLabelsThatThereAre() throws IOException {
    JsonObject dashboard;
    try (Reader file = Files.newBufferedReader(FILES.resolve("grafana-dashboard.json"))) {
      dashboard = Json.createReader(file).readObject();
    }
    List<JsonObject> panels = dashboard.getJsonArray("panels").getValuesAs(JsonObject.class);

    assertThat(panels).extracting(panel -> panel.getInt("id")).doesNotHaveDuplicates();
    assertThat(
            panels.stream()
                .flatMap(
                    panel -> panel.getJsonArray("targets").getValuesAs(JsonObject.class).stream())
                .map(target -> target.getString("expr")))
        .hasSizeGreaterThan(15)
        .allSatisfy(MonitoringFilesTest::assertKnown);
  }

  @Test
  void theJmxExporterGivesTheSameNumbersUnderTheSameNames() throws Exception {
    Scrape overJmx =
        new Scrape(
            JmxExporter.scrape(FILES.resolve("jmx-exporter.yaml"))
                .lines()
                .filter(line -> line.contains(APPLICATION))
                .reduce("", (all, line) -> all + line + "\n"));

    Set<String> missing = new TreeSet<>(scrape.names());
    missing.removeAll(overJmx.names());
    assertThat(missing).containsExactlyInAnyOrderElementsOf(NOT_OVER_JMX);
    assertThat(scrape.names()).containsAll(overJmx.names());
    Set<String> unknown = new TreeSet<>(overJmx.values().keySet());
    unknown.removeAll(scrape.values().keySet());
    assertThat(unknown).isEmpty();
    String size = "serpentry_pool_size{application=" + APPLICATION + ", pool=test}";
    assertThat(overJmx.value(size)).isEqualTo(scrape.value(size)).isEqualTo(1);
  }

  @Test
  void promtoolFindsTheRulesRightWhereItIsInstalled() throws Exception {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(":", -1))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, "promtool"))),
        "no promtool on the path: apt-get install prometheus");
    for (List<String> arguments :
        List.of(
            List.of("check", "rules", "prometheus-rules.yaml"),
            List.of("test", "rules", "prometheus-rules-test.yaml"),
            List.of("check", "config", "--syntax-only", "prometheus.yaml"))) {
      List<String> command = new ArrayList<>(List.of("promtool"));
      command.addAll(arguments);
      Process process =
          new ProcessBuilder(command).directory(FILES.toFile()).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(process.waitFor()).as(String.join(" ", command) + "\n" + output).isZero();
    }
  }

  private static void assertKnown(String expression) {
    Set<String> metrics = new TreeSet<>();
    METRIC.matcher(expression).results().forEach(name -> metrics.add(name.group()));
    // What only comes with an event has not been seen by this scrape.
    metrics.remove("serpentry_workers_recycled_total");
    assertThat(scrape.names()).as(expression).containsAll(metrics);
    Set<String> labels = new TreeSet<>();
    for (Pattern places : List.of(MATCHERS, GROUPING)) {
      Matcher place = places.matcher(expression);
      while (place.find()) {
        String inside = place.group(1).replaceAll("\"[^\"]*\"", "");
        LABEL.matcher(inside).results().forEach(label -> labels.add(label.group(1)));
      }
    }
    assertThat(scrape.labels()).as(expression).containsAll(labels);
  }

  private static List<Map<String, Object>> rules() throws IOException {
    Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    try (Reader file = Files.newBufferedReader(FILES.resolve("prometheus-rules.yaml"))) {
      Map<String, Object> all = yaml.load(file);
      return list(all.get("groups")).stream()
          .flatMap(group -> list(group.get("rules")).stream())
          .toList();
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> list(Object value) {
    return (List<Map<String, Object>>) value;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> members(Object value) {
    return (Map<String, Object>) value;
  }
}
