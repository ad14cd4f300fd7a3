// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench.plots;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pictures of results that are made up. */
@Tag("layer-1")
class PlotsTest {

  private static final String CALLS =
      """
      {"core-call": {"p50Micros": 17.25, "p50MicrosOwnCores": 40, "p50MicrosAsItComes": 30},
       "peers.jep": {"p50Micros": 3.5},
       "peers.none": {"unavailable": "no compiler"},
       "peers.many.core": {"callsPerSecond": 92027.1},
       "payload.in.16": {"p50Micros": 20, "bytes": 16},
       "payload.in.1048576": {"p50Micros": 2000, "bytes": 1048576},
       "load.1-workers.1-places.1-callers":
         {"callers": 1, "callsPerSecond": 20000, "openP99Micros": 60},
       "load.1-workers.1-places.64-callers":
         {"callers": 64, "callsPerSecond": 30000, "openP99Micros": 700}}
      """;

  @TempDir Path directory;

  @Test
  void drawsWhatWasMeasuredWithItsValues() throws Exception {
    List<Path> files = draw(CALLS, "docs");

    assertThat(files)
        .extracting(file -> file.getFileName().toString())
        .containsExactly(
            "latency.svg",
            "throughput.svg",
            "load-latency.svg",
            "payload.svg",
            "peers.svg",
            "peers-throughput.svg");
    for (Path file : files) {
      DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    }
    assertThat(files.get(0)).content().contains("core-call", "17.3 µs", "a core each");
    assertThat(files.get(1)).content().contains("1 worker, a call each", "30k", ">64<");
    assertThat(files.get(3)).content().contains("16 B", "1 MiB");
    assertThat(files.get(4)).content().contains("jep", "3.5 µs").doesNotContain("none", "NaN");
    assertThat(files.get(5)).content().contains("core", "92k");
  }

  @Test
  void theSameResultsGiveTheSameBytes() throws Exception {
    List<Path> first = draw(CALLS, "first");
    List<Path> second = draw(CALLS, "second");

    for (int i = 0; i < first.size(); i++) {
      assertThat(first.get(i)).hasSameBinaryContentAs(second.get(i));
    }
  }

  @Test
  void keepsTheOldPictureOfWhatWasNotMeasured() throws Exception {
    draw(CALLS, "docs");

    assertThat(draw("{}", "docs")).isEmpty();
    assertThat(directory.resolve("docs/latency.svg")).exists();
  }

  private List<Path> draw(String results, String into) throws IOException {
    Path file = Files.writeString(directory.resolve("results.json"), results);
    return Plots.draw(file, directory.resolve(into));
  }
}
