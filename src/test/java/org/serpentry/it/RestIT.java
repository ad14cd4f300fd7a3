// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import jakarta.json.bind.JsonbBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.serpentry.it.browser.Chromium;
import org.serpentry.it.browser.Page;
import org.serpentry.run.RestUsers;

/** Functions over HTTP as a remote client meets them: who may call what, and what goes wrong. */
@Tag("layer-3")
@ExtendWith(ArquillianExtension.class)
class RestIT {
  private static final RestCalls REST = new RestCalls("rest");

  @Deployment(testable = false)
  static WebArchive war() {
    return PoolWars.main(
        "rest.war",
        Map.ofEntries(
            entry("serpentry.pools", "default,brief,full"),
            entry("serpentry.rest.enabled", "true"),
            entry(
                "serpentry.rest.functions",
                "faulty:echo,faulty:add,faulty:fail,faulty:sleep,faulty:os_exit,faulty:unencodable,"
                    + "faulty:no_such,values:*"),
            entry("serpentry.rest.max-body-size", "64KiB"),
            entry("serpentry.rest.status-page", "true"),
            entry("serpentry.rest.metrics", "true"),
            entry("serpentry.rest.monitor-role", RestUsers.WATCHERS_ROLE),
            entry("serpentry.pool.brief.size", "1"),
            entry("serpentry.pool.brief.max-size", "1"),
            entry("serpentry.pool.brief.operation-timeout", "500ms"),
            entry("serpentry.pool.full.size", "1"),
            entry("serpentry.pool.full.max-size", "1"),
            entry("serpentry.pool.full.queue-capacity", "0")));
  }

  @Test
  void aCallerWithTheRoleGetsTheResultAsPythonMadeIt() {
    HttpResponse<String> response =
        REST.send(
            REST.postAsCaller(
                "faulty/echo", "{\"value\": [1180591620717411303424, 0.1, \"日本 🐍\", null]}"));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("[1180591620717411303424,0.1,\"日本 🐍\",null]");
    assertThat(response.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("application/json");
    assertThat(response.headers().map()).doesNotContainKeys("Set-Cookie", "set-cookie");
    assertThat(response.headers().map().keySet())
        .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control-"));
  }

  @Test
  void decimalsKeepTheirDigits() {
    String digits = "12345678901234567890.123456789012345678900";

    HttpResponse<String> response =
        REST.send(REST.postAsCaller("values/echo_decimal", "[" + digits + "]"));

    assertThat(response.body()).contains(digits);
  }

  @Test
  void argumentsComeByNameOrByPositionAndPoolsByName() {
    assertThat(REST.send(REST.postAsCaller("faulty/add?pool=brief", "[3, 4]")).body())
        .isEqualTo("7");
    assertThat(REST.send(REST.postAsCaller("faulty/add", "{\"b\": 4, \"a\": 3}")).body())
        .isEqualTo("7");
  }

  @Test
  void anAnonymousCallIsRefusedWhateverItAsksFor() {
    for (String path : List.of("faulty/echo", "faulty/pid", "no/such", "serpentry/ping")) {
      HttpResponse<String> response = REST.send(REST.post(path, "{}"));

      assertProblem(response, 401, "unauthenticated");
      assertThat(response.headers().firstValue("WWW-Authenticate").orElseThrow())
          .startsWith("Basic ");
    }
  }

  @Test
  void aWrongPasswordIsRefused() {
    HttpRequest.Builder request =
        REST.post("faulty/echo", "{}")
            .header("Authorization", RestCalls.basic(RestUsers.CALLER, "guess"));

    assertThat(REST.send(request).statusCode()).isEqualTo(401);
  }

  @Test
  void aUserWithoutTheRoleIsForbidden() {
    HttpRequest.Builder request =
        REST.post("faulty/echo", "{}")
            .header("Authorization", RestCalls.authorization(RestUsers.STRANGER));

    assertProblem(REST.send(request), 403, "forbidden");
  }

  @Test
  void whoMayOnlyWatchCallsNothing() {
    assertThat(REST.send(REST.getAs(RestUsers.WATCHER, "status")).statusCode()).isEqualTo(200);
    for (String path : List.of("faulty/add", "values/echo_decimal", "faulty/pid", "no/such")) {
      assertProblem(REST.send(REST.postAs(RestUsers.WATCHER, path, "[1, 2]")), 403, "forbidden");
    }
  }

  @Test
  void unlistedUnknownUnexposedAndBuiltInFunctionsLookAlike() {
    List<Map<String, Object>> answers =
        Stream.of(
                "faulty/pid",
                "faulty/no_such",
                "no_such/function",
                "values/unpublished",
                "values/no_such",
                "serpentry/ping",
                "serpentry/shutdown",
                "faulty/echo?pool=no-such",
                "faulty/ec%0Aho",
                "faulty%2F/echo",
                "%2E%2E/echo")
            .map(path -> REST.send(REST.postAsCaller(path, "{}")))
            .filter(response -> response.statusCode() != 400) // refused by the server itself
            .map(response -> assertProblem(response, 404, "function-not-exposed"))
            .toList();

    assertThat(answers).hasSizeGreaterThanOrEqualTo(9);
  }

  @Test
  void onlyPostIsServedAndNoBrowserIsInvited() {
    HttpRequest.Builder preflight =
        REST.postAsCaller("faulty/echo", "{}")
            .method("OPTIONS", BodyPublishers.noBody())
            .header("Access-Control-Request-Method", "POST");

    HttpResponse<String> response = REST.send(preflight);

    assertProblem(response, 405, "method-not-allowed");
    assertThat(response.headers().firstValue("Allow")).contains("POST");
  }

  @Test
  void theBodyMustBeJsonByItsType() {
    for (String type : List.of("text/plain", "application/x-www-form-urlencoded")) {
      HttpRequest.Builder request =
          REST.postAsCaller("faulty/echo", "{}").setHeader("Content-Type", type);

      assertProblem(REST.send(request), 415, "unsupported-media-type");
    }
  }

  @Test
  void badInputIsABadRequest() {
    assertProblem(REST.send(REST.postAsCaller("faulty/echo", "{\"a\"")), 400, "malformed-json");
    assertProblem(REST.send(REST.postAsCaller("faulty/echo", "5")), 400, "malformed-json");
    assertProblem(REST.send(REST.postAsCaller("faulty/echo", "")), 400, "malformed-json");
    assertProblem(
        REST.send(REST.postAsCaller("faulty/add", "{\"a\": \"s3cret\", \"b\": 1}")),
        400,
        "argument-binding");
    assertProblem(
        REST.send(REST.postAsCaller("faulty/add", "{\"c\": 1}")), 400, "argument-binding");
    assertProblem(
        REST.send(REST.postAsCaller("faulty/echo", "[" + nested(200) + "]")),
        400,
        "argument-binding");
  }

  @Test
  void aBodyBeyondTheLimitIsRefused() {
    String large = "[\"" + "x".repeat(100_000) + "\"]";

    assertProblem(REST.send(REST.postAsCaller("faulty/echo", large)), 413, "request-too-large");
    HttpRequest.Builder chunked =
        REST.postAsCaller("faulty/echo", "")
            .POST(
                BodyPublishers.ofInputStream(
                    () -> new ByteArrayInputStream(large.getBytes(StandardCharsets.UTF_8))));
    assertProblem(REST.send(chunked), 413, "request-too-large");
  }

  @Test
  void whatPythonRaisesStaysInTheLog() {
    HttpResponse<String> response =
        REST.send(REST.postAsCaller("faulty/fail", "{\"message\": \"s3cret of the user\"}"));

    assertProblem(response, 500, "python-error");
    assertThat(response.body()).doesNotContain("s3cret").doesNotContain("ValueError");
  }

  @Test
  void aResultThatJsonCannotCarryIsTheServersFault() {
    assertProblem(REST.send(REST.postAsCaller("faulty/unencodable", "{}")), 500, "result-binding");
  }

  @Test
  void aWorkerThatDiesIsTheServersFaultAndTheNextCallIsServed() {
    assertProblem(REST.send(REST.postAsCaller("faulty/os_exit", "{}")), 500, "worker-crashed");
    assertThat(REST.send(REST.postAsCaller("faulty/add", "[1, 2]")).body()).isEqualTo("3");
  }

  @Test
  void aCallThatTakesTooLongTimesOut() {
    assertProblem(
        REST.send(REST.postAsCaller("faulty/sleep?pool=brief", "[60]")), 504, "command-timeout");
  }

  @Test
  void aFullPoolSaysWhenToComeAgain() {
    var first = REST.sendAsync(REST.postAsCaller("faulty/sleep?pool=full", "[5]"));
    var second = REST.sendAsync(REST.postAsCaller("faulty/sleep?pool=full", "[5]"));

    List<HttpResponse<String>> refused =
        Stream.of(first.join(), second.join()).filter(each -> each.statusCode() != 200).toList();

    assertThat(refused).hasSize(1);
    assertProblem(refused.get(0), 503, "queue-full");
    assertThat(refused.get(0).headers().firstValue("Retry-After")).contains("1");
  }

  @Test
  void theStatusPageComesOnlyToWhoHasTheRoleAndWithAStrictPolicy() {
    for (String path : List.of("status", "status/events", "metrics")) {
      assertProblem(REST.send(REST.get(path)), 401, "unauthenticated");
      assertProblem(REST.send(REST.getAs(RestUsers.STRANGER, path)), 403, "forbidden");
      assertProblem(REST.send(REST.getAs(RestUsers.CALLER, path)), 403, "forbidden");
      assertProblem(
          REST.send(REST.getAs(RestUsers.WATCHER, path).POST(BodyPublishers.noBody())),
          405,
          "read-only");
    }

    HttpResponse<String> page = REST.send(REST.getAs(RestUsers.WATCHER, "status"));

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).startsWith("<!DOCTYPE html>").contains("</html>");
    assertThat(page.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'")
        .contains("script-src 'sha256-")
        .doesNotContain("unsafe");
    assertThat(page.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(page.headers().map()).doesNotContainKeys("Set-Cookie", "set-cookie");
  }

  @Test
  @Timeout(120)
  void theStatusIsSentWhileThingsHappen() {
    String first = REST.events(REST.getAs(RestUsers.WATCHER, "status/events"), data -> true);
    assertThat(first).contains("\"name\":\"default\"", "\"name\":\"brief\"", "\"workers\":[{");

    String text = "<b>" + UUID.randomUUID() + "</b>";
    REST.send(REST.postAsCaller("faulty/fail", "{\"message\": \"" + text + "\"}"));

    assertThat(
            REST.events(
                REST.getAs(RestUsers.WATCHER, "status/events"), data -> data.contains(text)))
        .contains("\"lastError\":\"faulty:fail: ");
  }

  @Test
  void prometheusGetsTheGaugesAndTheHistogramOfTheCalls() {
    REST.send(REST.postAsCaller("faulty/add", "[1, 2]"));

    HttpResponse<String> metrics = REST.send(REST.getAs(RestUsers.WATCHER, "metrics"));

    assertThat(metrics.statusCode()).as(metrics.body()).isEqualTo(200);
    assertThat(metrics.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/plain;")
        .contains("version=0.0.4");
    assertThat(metrics.body())
        .containsPattern("(?m)^serpentry_pool_size\\{application=\"rest\",pool=\"brief\"} 1\\.0$")
        .containsPattern(
            "(?m)^serpentry_call_duration_seconds_count\\{application=\"rest\",group=\"faulty\","
                + "outcome=\"success\",pool=\"default\"} [1-9]");
    assertThat(
            REST.send(
                    REST.getAs(RestUsers.WATCHER, "metrics")
                        .header("Accept", "application/openmetrics-text"))
                .body())
        .endsWith("# EOF\n");
  }

  @Test
  @Timeout(180)
  void aBrowserShowsTheStatusAndTakesNoTextForMarkup() throws IOException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "no Chromium on the path: apt-get install chromium");
    String text = "<img src=x onerror=window.refused.push('run')>" + UUID.randomUUID();
    Map<String, String> role = Map.of("Authorization", RestCalls.authorization(RestUsers.WATCHER));

    try (Chromium browser = Chromium.start(program.get())) {
      Page page = browser.open(1200, 1000, role);
      page.open(REST.uri("status").toString());
      page.await("document.querySelectorAll('section.pool').length === 3");
      page.await("document.querySelector('.tile') !== null");
      REST.send(REST.postAsCaller("faulty/fail", "{\"message\": \"" + text + "\"}"));
      page.await("document.body.innerText.includes(\"" + text + "\")");

      assertThat(page.text("document.querySelectorAll('img').length")).isEqualTo("0");
      assertThat(page.text("window.refused.join()")).isEmpty();
      page.text("document.querySelector('.tile').focus()");
      page.press("Enter", 13);
      page.await("!document.querySelector('.detail').hidden");
      assertThat(page.text("document.querySelector('.tile').getAttribute('aria-pressed')"))
          .isEqualTo("true");
    }
  }

  private static Map<String, Object> assertProblem(
      HttpResponse<String> response, int status, String type) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/problem+json");
    Map<String, Object> problem = members(response.body());
    assertThat(problem)
        .containsOnlyKeys("type", "title", "status", "correlationId")
        .containsEntry("type", "urn:serpentry:problem:" + type);
    assertThat((String) problem.get("correlationId")).matches("[0-9a-f-]{36}");
    return problem;
  }

  private static String nested(int levels) {
    return "[".repeat(levels) + "]".repeat(levels);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> members(String json) {
    try (var jsonb = JsonbBuilder.create()) {
      return jsonb.fromJson(json, Map.class);
    } catch (Exception e) {
      throw new AssertionError("not JSON: " + json, e);
    }
  }
}
