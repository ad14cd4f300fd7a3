// SPDX-License-Identifier: Apache-2.0
package org.serpentry.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who answers the example's questions: the endpoint named by {@code SERPENTRY_LM_ENDPOINT}, {@code
 * SERPENTRY_LM_MODEL} and {@code SERPENTRY_LM_KEY}, else a local stand-in that is started here and
 * ends with this process, whose pipe is its standard input. Immutable.
 */
final class LanguageModel {
  private static final Path STAND_IN = Path.of("python/examples/standin.py");
  private static final String ENDPOINT = "SERPENTRY_LM_ENDPOINT";
  private static final String MODEL = "SERPENTRY_LM_MODEL";
  private static final String KEY = "SERPENTRY_LM_KEY";

  private final Map<String, String> variables;
  private final String description;

  private LanguageModel(Map<String, String> variables, String description) {
    this.variables = variables;
    this.description = description;
  }

  /**
   * Finds or starts it.
   *
   * @throws IOException if there is no {@code python3} to start the stand-in with
   */
  static LanguageModel find() throws IOException {
    Map<String, String> variables = new TreeMap<>();
    String endpoint = System.getenv(ENDPOINT);
    if (endpoint != null && !endpoint.isBlank()) {
      variables.put(ENDPOINT, endpoint);
      for (String name : new String[] {MODEL, KEY}) {
        if (System.getenv(name) != null) {
          variables.put(name, System.getenv(name));
        }
      }
      return new LanguageModel(variables, "Questions are answered by the model at " + endpoint);
    }
    variables.put(ENDPOINT, "http://127.0.0.1:" + startStandIn() + "/v1");
    variables.put(MODEL, "serpentry-stand-in");
    return new LanguageModel(
        variables,
        "Questions are answered by a local stand-in that knows nothing; for a language model set\n"
            + "  SERPENTRY_LM_ENDPOINT, SERPENTRY_LM_MODEL and SERPENTRY_LM_KEY before starting.");
  }

  private static String startStandIn() throws IOException {
    Process process =
        new ProcessBuilder("python3", STAND_IN.toAbsolutePath().toString(), "--port", "0")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String port = process.inputReader(UTF_8).readLine();
    if (port == null) {
      throw new IOException("the stand-in " + STAND_IN + " did not start; see the message above");
    }
    return port;
  }

  /** The variables that the workers need. */
  Map<String, String> variables() {
    return variables;
  }

  /** A sentence for the user. */
  String description() {
    return description;
  }
}
