// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.bind.JsonbBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The two real jobs over REST, from loopback under the development profile. Their environment is
 * built once, in the cache that {@code mvn -Prun} uses too.
 */
@Tag("layer-3")
@ExtendWith(ArquillianExtension.class)
class ExamplesIT {
  private static final RestCalls REST = new RestCalls("examples");
  private static final Path EXAMPLES = Path.of("python", "examples").toAbsolutePath();

  private static Process standIn;

  @Deployment(testable = false)
  static WebArchive war() throws IOException {
    return PoolWars.main(
        "examples.war",
        Map.of(
            "mp.config.profile", "development",
            "serpentry.rest.enabled", "true",
            "serpentry.rest.functions", "digits:*,answers:*",
            "serpentry.pool.default.requirements", EXAMPLES.resolve("requirements.lock").toString(),
            "serpentry.pool.default.preload", "digits,answers",
            "serpentry.pool.default.start-timeout", "300s",
            "serpentry.pool.default.environment.SERPENTRY_LM_ENDPOINT",
                "http://127.0.0.1:" + startStandIn() + "/v1",
            "serpentry.pool.default.environment.SERPENTRY_LM_MODEL", "serpentry-stand-in"));
  }

  /** It ends with its standard input, and so with this process at the latest. */
  private static String startStandIn() throws IOException {
    standIn =
        new ProcessBuilder("python3", EXAMPLES.resolve("standin.py").toString(), "--port", "0")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output = standIn.inputReader(StandardCharsets.UTF_8);
    return output.readLine();
  }

  @AfterAll
  static void stopStandIn() throws IOException, InterruptedException {
    standIn.getOutputStream().close();
    assertThat(standIn.waitFor(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void digitsAreRecognizedOneByOneAndInBatches() {
    Map<String, Object> sample = object(call("digits/sample", "{\"index\": 0}"));
    String image = json(sample.get("image"));

    Map<String, Object> one = object(call("digits/predict", "{\"image\": " + image + "}"));
    String batch = call("digits/predict_batch", "{\"images\": [" + image + "," + image + "]}");

    assertThat(number(one.get("digit"))).isEqualTo(number(sample.get("label")));
    assertThat(number(one.get("confidence"))).isBetween(0.5, 1.0);
    assertThat(batch).startsWith("[{").contains("},{");
  }

  @Test
  void theModelReportsItsAccuracyOnImagesThatItHasNotSeen() {
    Map<String, Object> accuracy = object(call("digits/accuracy", "{}"));

    assertThat(number(accuracy.get("accuracy"))).isGreaterThan(0.95);
    assertThat(number(accuracy.get("tested_on"))).isGreaterThan(400);
  }

  @Test
  void questionsAreAnsweredAndTheStandInSaysThatItIsOne() {
    Map<String, Object> answer = object(call("answers/ask", "[\"Why is the sky blue?\"]"));

    assertThat((String) answer.get("answer")).contains("Why is the sky blue?");
    assertThat(answer.get("source").toString()).contains("stand_in=true");
  }

  @Test
  void aChainOfThoughtComesWithItsReasoning() {
    Map<String, Object> answer = object(call("answers/reason", "[\"Why is the sky blue?\"]"));

    assertThat((String) answer.get("reasoning")).contains("The question has");
    assertThat(answer.get("answer")).isNotNull();
  }

  private static String call(String path, String json) {
    HttpResponse<String> response = REST.send(REST.post(path, json));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }

  private static double number(Object value) {
    return ((Number) value).doubleValue();
  }

  private static String json(Object value) {
    return List.copyOf((List<?>) value).toString();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(String json) {
    try (var jsonb = JsonbBuilder.create()) {
      return jsonb.fromJson(json, Map.class);
    } catch (Exception e) {
      throw new AssertionError("not a JSON object: " + json, e);
    }
  }
}
