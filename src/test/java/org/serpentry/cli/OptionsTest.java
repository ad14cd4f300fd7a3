// SPDX-License-Identifier: Apache-2.0
package org.serpentry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("layer-1")
class OptionsTest {

  private static final String NOWHERE = "service:jmx:rmi:///jndi/rmi://127.0.0.1:1/jmxrmi";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(Map<String, String> environment, String... words) {
    return JmxClient.run(
        List.of(words), environment::get, new PrintStream(out, true), new PrintStream(err, true));
  }

  @Test
  void theCommandLineCountsBeforeTheEnvironment() throws Exception {
    Map<String, String> environment =
        Map.of("SERPENTRY_JMX_URL", "service:jmx:x://there", "SERPENTRY_JMX_USER", "her");
    Options set = Options.parse(List.of("status"), environment::get);
    assertThat(set.url()).isEqualTo("service:jmx:x://there");
    assertThat(set.user()).isEqualTo("her");
    Options both =
        Options.parse(
            List.of("--user", "him", "recycle", "--pool", "p", "3", "--json", "--application", "a"),
            environment::get);
    assertThat(both.user()).isEqualTo("him");
    assertThat(both.pool()).isEqualTo(Optional.of("p"));
    assertThat(both.application()).isEqualTo(Optional.of("a"));
    assertThat(both.json()).isTrue();
    assertThat(both.command()).isEqualTo("recycle");
    assertThat(both.number()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "'', no command is given",
    "destroy, no command is called destroy",
    "--loud status, no option is called --loud",
    "status --pool, --pool takes a value",
    "resize, 'resize takes 1 argument(s), not 0'",
    "status now, 'status takes 0 argument(s), not 1'",
  })
  void whatCannotBeMeantIsNamedWithTheUsage(String line, String message) {
    String[] words = line.isEmpty() ? new String[0] : line.split(" ");
    assertThat(run(Map.of(), words)).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains(message).contains("Commands");
  }

  @ParameterizedTest
  @CsvSource({"-1", "two", "99999999999"})
  void aNumberIsANumber(String word) throws Exception {
    Options options =
        word.startsWith("-")
            ? new Options(
                "",
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                "resize",
                List.of(word))
            : Options.parse(List.of("resize", word), name -> null);
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(options::number)
        .withMessageContaining(word);
  }

  @Test
  void helpTellsAllThereIs() {
    assertThat(run(Map.of(), "--help")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(Options.USAGE);
  }

  @Test
  void aServerThatIsNotThereIsNamed() {
    assertThat(run(Map.of(), "status", "--url", NOWHERE)).isEqualTo(3);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains(NOWHERE).contains("refused");
  }

  @Test
  void anAddressThatIsNoneIsNamed() {
    assertThat(run(Map.of(), "status", "--url", "localhost:8686")).isEqualTo(3);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("localhost:8686");
  }

  @Test
  void aPasswordFileWithoutTheUserIsNamedAndNoPasswordIsShown(@TempDir Path directory)
      throws Exception {
    Path file = Files.writeString(directory.resolve("passwords"), "other hunter2\n");
    int status =
        run(
            Map.of(),
            "status",
            "--url",
            NOWHERE,
            "--user",
            "me",
            "--password-file",
            file.toString());
    assertThat(status).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains(file + " has no line for me")
        .doesNotContain("hunter2");
  }
}
