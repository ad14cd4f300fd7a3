// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.config.ApplicationConfig;
import org.serpentry.config.ConfigReader;

/** Who may come in. */
@Tag("layer-1")
class AdmissionTest {
  private static final String ROLE = "serpentry-caller";

  @Test
  void nothingIsThereWhenRestIsOffNotEvenForACallerWithTheRole() {
    ApplicationConfig off = config("serpentry.rest.enabled", "false");

    refused(Problem.FUNCTION_NOT_EXPOSED, () -> enter(off, local(ROLE).authenticated()));
  }

  @Test
  void anAnonymousCallIsUnauthenticatedEvenFromLoopback() {
    refused(Problem.UNAUTHENTICATED, () -> enter(config(), local(ROLE)));
  }

  @Test
  void aUserOfTheContainerWithTheRoleComesIn() {
    assertThatCode(() -> enter(config(), local(ROLE).authenticated())).doesNotThrowAnyException();
  }

  @Test
  void aUserWithoutTheRoleIsForbidden() {
    refused(Problem.FORBIDDEN, () -> enter(config(), local("other").authenticated()));
  }

  @Test
  void theRoleIsTheConfiguredOne() {
    ApplicationConfig config = config("serpentry.rest.role", "scorers");

    assertThatCode(() -> enter(config, local("scorers").authenticated()))
        .doesNotThrowAnyException();
    refused(Problem.FORBIDDEN, () -> enter(config, local(ROLE).authenticated()));
  }

  @Test
  void credentialsAreTakenInUtf8WithColonsInThePassword() {
    Requests request = local(ROLE).header("Authorization", basic("caller:päss:word"));

    assertThatCode(() -> enter(config(), request)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Basic", "Basic ", "Basic %%%", "Basic Y2FsbGVy", "Basic OnA=", "Bearer abc"})
  void credentialsThatAreNoneAreUnauthenticated(String header) {
    refused(
        Problem.UNAUTHENTICATED,
        () -> enter(config(), local(ROLE).header("Authorization", header)));
  }

  @Test
  void aWrongPasswordIsUnauthenticated() {
    refused(
        Problem.UNAUTHENTICATED,
        () -> enter(config(), local(ROLE).header("Authorization", basic("caller:guess"))));
  }

  @Test
  void theDevelopmentProfileAsksForNothingOnLoopback() {
    assertThatCode(() -> enter(development(), local())).doesNotThrowAnyException();
  }

  @Test
  void theDevelopmentProfileAsksForTheRoleEverywhereElse() {
    refused(
        Problem.UNAUTHENTICATED,
        () -> enter(development(), Requests.from("10.0.0.9").header("Host", "localhost")));
    refused(
        Problem.UNAUTHENTICATED,
        () -> enter(development(), local().header("X-Forwarded-For", "127.0.0.1")));
    refused(
        Problem.UNAUTHENTICATED,
        () -> enter(development(), local().header("Host", "rebound.example.org")));
  }

  @Test
  void anotherProfileAsksForTheRoleOnLoopback() {
    refused(
        Problem.UNAUTHENTICATED, () -> enter(config("mp.config.profile", "production"), local()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "OPTIONS", "PUT", "DELETE", "HEAD"})
  void onlyPostIsServedAndTheRoleIsAskedForFirst(String method) {
    refused(
        Problem.METHOD_NOT_ALLOWED,
        () -> new Admission(development(), local().get()).check(method));
    refused(Problem.UNAUTHENTICATED, () -> new Admission(config(), local().get()).check(method));
  }

  @Test
  void theViewsAreThereOnlyWhenSwitchedOnEachForItself() {
    Requests caller = local(ROLE).authenticated();
    ApplicationConfig page =
        config("serpentry.rest.enabled", "false", "serpentry.rest.status-page", "true");

    assertThatCode(() -> look(page, View.STATUS, caller)).doesNotThrowAnyException();
    refused(Problem.FUNCTION_NOT_EXPOSED, () -> look(page, View.METRICS, caller));
    refused(Problem.FUNCTION_NOT_EXPOSED, () -> enter(page, caller));
    refused(Problem.FUNCTION_NOT_EXPOSED, () -> look(config(), View.STATUS, caller));
  }

  @Test
  void theViewsAskForTheRoleOfRestUnlessTheyHaveOneOfTheirOwn() {
    ApplicationConfig same = config("serpentry.rest.metrics", "true");
    ApplicationConfig own =
        config("serpentry.rest.metrics", "true", "serpentry.rest.monitor-role", "watchers");

    assertThatCode(() -> look(same, View.METRICS, local(ROLE).authenticated()))
        .doesNotThrowAnyException();
    refused(Problem.UNAUTHENTICATED, () -> look(same, View.METRICS, local(ROLE)));
    refused(Problem.FORBIDDEN, () -> look(same, View.METRICS, local("other").authenticated()));
    assertThatCode(() -> look(own, View.METRICS, local("watchers").authenticated()))
        .doesNotThrowAnyException();
    refused(Problem.FORBIDDEN, () -> look(own, View.METRICS, local(ROLE).authenticated()));
    refused(Problem.FORBIDDEN, () -> enter(own, local("watchers").authenticated()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "OPTIONS", "PUT", "DELETE", "HEAD"})
  void theViewsAreOnlyLookedAt(String method) {
    ApplicationConfig config = config("serpentry.rest.status-page", "true");

    refused(
        Problem.READ_ONLY,
        () -> new Admission(config, local(ROLE).authenticated().get()).check(View.STATUS, method));
  }

  @Test
  void onlyAViewsOwnPathLeadsToIt() {
    assertThat(View.of("/status")).contains(View.STATUS);
    assertThat(View.of("status/events")).contains(View.STATUS);
    assertThat(View.of("metrics")).contains(View.METRICS);
    for (String path :
        List.of("", "/", "statuses", "functions/status", "%73tatus", "status;a=b", "//status")) {
      assertThat(View.of(path)).as(path).isEmpty();
    }
  }

  private static Requests local(String... roles) {
    return Requests.from("127.0.0.1", roles).header("Host", "localhost:8080");
  }

  private static void enter(ApplicationConfig config, Requests request) {
    new Admission(config, request.get()).check("POST");
  }

  private static void look(ApplicationConfig config, View view, Requests request) {
    new Admission(config, request.get()).check(view, "GET");
  }

  private static void refused(Problem problem, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RefusedException.class, refused -> assertThat(refused.problem()).isEqualTo(problem));
  }

  private static String basic(String pair) {
    return "basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private static ApplicationConfig development() {
    return config("mp.config.profile", "development");
  }

  private static ApplicationConfig config(String... further) {
    Properties properties = new Properties();
    properties.setProperty("serpentry.rest.enabled", "true");
    for (int i = 0; i < further.length; i += 2) {
      properties.setProperty(further[i], further[i + 1]);
    }
    return ConfigReader.of(properties).read();
  }
}
