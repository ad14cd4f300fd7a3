// SPDX-License-Identifier: Apache-2.0
package org.serpentry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The columns of the tables against the golden files of what the beans have. */
@Tag("layer-1")
class ColumnsTest {
  private static final Pattern ATTRIBUTE = Pattern.compile("(?m)^attribute (\\w+): ");
  private static final Pattern RUNNING_CALLS =
      Pattern.compile("(?m)^attribute RunningCalls: table by \\w+ of \\{([^}]*)}");

  private static String golden(String bean) throws IOException {
    String file = "/org/serpentry/management/" + bean + ".txt";
    try (InputStream text = ColumnsTest.class.getResourceAsStream(file)) {
      assertThat(text).as(file).isNotNull();
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Set<String> attributes(String bean) throws IOException {
    return ATTRIBUTE
        .matcher(golden(bean))
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(Collectors.toSet());
  }

  private static List<String> without(List<String> columns, String... ofTheName) {
    List<String> places = Arrays.asList(ofTheName);
    return columns.stream().filter(column -> !places.contains(column)).toList();
  }

  @Test
  void everyColumnOfPoolsAndWorkersIsAnAttribute() throws IOException {
    assertThat(attributes("PythonPoolMXBean")).containsAll(without(JmxClient.STATUS, "pool"));
    assertThat(attributes("PythonWorkerMXBean"))
        .containsAll(without(JmxClient.WORKERS, "pool", "worker"));
  }

  @Test
  void everyColumnOfCallsIsOneOfTheTable() throws IOException {
    List<String> columns =
        RUNNING_CALLS
            .matcher(golden("PythonPoolMXBean"))
            .results()
            .flatMap(found -> Pattern.compile(", ").splitAsStream(found.group(1)))
            .map(column -> column.replaceFirst(":.*", ""))
            .toList();

    assertThat(columns).containsExactlyInAnyOrderElementsOf(without(JmxClient.CALLS, "pool"));
  }
}
