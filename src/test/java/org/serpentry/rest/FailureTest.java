// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import jakarta.json.bind.JsonbBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.serpentry.api.BindingException;
import org.serpentry.api.BindingException.Direction;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.CheckoutTimeoutException;
import org.serpentry.api.CircuitOpenException;
import org.serpentry.api.CodeReloadException;
import org.serpentry.api.EnvironmentException;
import org.serpentry.api.ErrorCategory;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.FunctionNotExposedException;
import org.serpentry.api.PoolClosedException;
import org.serpentry.api.PoolCounts;
import org.serpentry.api.PoolFailedException;
import org.serpentry.api.PoolSuspendedException;
import org.serpentry.api.ProtocolException;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonError;
import org.serpentry.api.PythonFrame;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.QueueFullException;
import org.serpentry.api.RequestTooLargeException;
import org.serpentry.api.ResultTooLargeException;
import org.serpentry.api.SessionBusyException;
import org.serpentry.api.SessionConflictException;
import org.serpentry.api.SessionLimitException;
import org.serpentry.api.SessionLostException;
import org.serpentry.api.TransientPythonPoolException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.api.WorkerExit;
import org.serpentry.api.WorkerStartException;

/** What a client is told of each failure, and what it is not. */
@Tag("layer-1")
class FailureTest {
  private static final String SECRET = "s3cret";
  private static final PoolCounts COUNTS = new PoolCounts(1, 1, 0, 7);
  private static final ErrorContext WHERE =
      ErrorContext.ofPool(SECRET)
          .withWorker(SECRET)
          .withSession(SECRET)
          .withRequest(4711)
          .with(SECRET, SECRET);

  static Stream<Arguments> failures() {
    Throwable cause = new IllegalStateException(SECRET);
    return Stream.of(
        Arguments.of(new PythonCallException(WHERE, SECRET, error(false)), 500, 0),
        Arguments.of(new PythonCallException(WHERE, SECRET, error(true)), 500, 0),
        Arguments.of(new BindingException(WHERE, Direction.ARGUMENT, SECRET, cause), 400, 0),
        Arguments.of(new BindingException(WHERE, Direction.RESULT, SECRET, cause), 500, 0),
        Arguments.of(new FunctionNotExposedException(WHERE, SECRET, SECRET), 404, 0),
        Arguments.of(new RequestTooLargeException(WHERE, SECRET, 2, 1, SECRET), 413, 0),
        Arguments.of(new ResultTooLargeException(WHERE, SECRET, 2, 1), 500, 0),
        Arguments.of(
            new CallTimeoutException(WHERE, SECRET, Duration.ofSeconds(1), SECRET), 504, 0),
        Arguments.of(new CallCancelledException(WHERE, SECRET, SECRET, cause), 500, 0),
        Arguments.of(new CheckoutTimeoutException(WHERE, Duration.ofSeconds(1), COUNTS), 503, 1),
        Arguments.of(new QueueFullException(WHERE, 7, COUNTS), 503, 1),
        Arguments.of(new PoolSuspendedException(WHERE), 503, 30),
        Arguments.of(new SessionBusyException(WHERE, SECRET), 503, 1),
        Arguments.of(new SessionLostException(WHERE), 409, 0),
        Arguments.of(new SessionConflictException(WHERE), 409, 0),
        Arguments.of(new SessionLimitException(WHERE, SECRET, SECRET, cause), 500, 0),
        Arguments.of(
            new SessionLimitException(WHERE.withRetrySafe(true), SECRET, SECRET, cause), 503, 1),
        Arguments.of(new PoolClosedException(WHERE, SECRET, cause), 503, 30),
        Arguments.of(new PoolFailedException(WHERE, SECRET), 503, 30),
        Arguments.of(
            new CircuitOpenException(WHERE, Duration.ofMillis(4001), SECRET, cause), 503, 5),
        Arguments.of(new CircuitOpenException(WHERE, Duration.ZERO, SECRET, cause), 503, 10),
        Arguments.of(new WorkerStartException(WHERE, SECRET, List.of(SECRET), cause), 503, 10),
        Arguments.of(crash(WHERE), 500, 0),
        Arguments.of(crash(WHERE.withRetrySafe(true)), 503, 1),
        Arguments.of(new TransientPythonPoolException(crash(WHERE.withRetrySafe(true))), 503, 1),
        Arguments.of(new ProtocolException(WHERE, SECRET, cause), 500, 0),
        Arguments.of(new ProtocolException(WHERE.withRetrySafe(true), SECRET, cause), 503, 1),
        Arguments.of(new EnvironmentException(WHERE, SECRET, cause), 500, 0));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void everyFailureHasItsStatusAndTheTypeThatJavaCallersKnow(
      PythonPoolException failure, int status, long retryAfter) {
    Failure told = Failure.of(failure);

    assertThat(told.status()).isEqualTo(status);
    assertThat(told.retryAfterSeconds()).isEqualTo(retryAfter);
    assertThat(told.problem().type())
        .isEqualTo("urn:serpentry:problem:" + failure.type().replace('_', '-'));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void nothingOfAFailureReachesTheClient(PythonPoolException failure, int status, long retryAfter) {
    Failure told = Failure.of(failure);

    String json = told.problem().json(told.status(), "the-id");

    assertThat(json).doesNotContain(SECRET).doesNotContain("4711").doesNotContain("Exception");
    assertThat(members(json))
        .containsOnlyKeys("type", "title", "status", "correlationId")
        .containsEntry("correlationId", "the-id")
        .hasEntrySatisfying("status", number -> assertThat(number).hasToString("" + status));
  }

  @Test
  void noSubtypeIsForgotten() {
    Set<String> told =
        failures().map(each -> each.get()[0].getClass().getName()).collect(Collectors.toSet());
    Set<String> subtypes =
        new ClassFileImporter()
                .importPackages("org.serpentry.api")
                .get(PythonPoolException.class)
                .getAllSubclasses()
                .stream()
                .filter(type -> !type.getModifiers().contains(JavaModifier.ABSTRACT))
                .map(JavaClass::getName)
                .collect(Collectors.toSet());
    // Only whoever asked for a reload gets this one, never a call.
    subtypes.remove(CodeReloadException.class.getName());

    assertThat(told).isNotEmpty().containsExactlyInAnyOrderElementsOf(subtypes);
  }

  @Test
  void whatIsNotForeseenIsAnInternalError() {
    PythonPoolException plain =
        new PythonPoolException(ErrorCategory.SYSTEM, SECRET, WHERE, SECRET, null);

    assertThat(Failure.of(plain)).isEqualTo(new Failure(Problem.INTERNAL, 500, 0));
    assertThat(Failure.of(new IllegalStateException(SECRET)))
        .isEqualTo(new Failure(Problem.INTERNAL, 500, 0));
    assertThat(Failure.of(new StackOverflowError()))
        .isEqualTo(new Failure(Problem.INTERNAL, 500, 0));
  }

  @Test
  void aRefusalKeepsItsReasonForTheLog() {
    assertThat(Failure.of(new RefusedException(Problem.FORBIDDEN, SECRET)))
        .isEqualTo(new Failure(Problem.FORBIDDEN, 403, 0));
  }

  @Test
  void typesAreUrnsAndNoneIsUsedTwice() {
    List<String> types = Stream.of(Problem.values()).map(Problem::type).toList();

    assertThat(types).doesNotHaveDuplicates().allMatch(type -> type.matches("urn:[a-z:-]+"));
  }

  private static WorkerCrashedException crash(ErrorContext where) {
    return new WorkerCrashedException(where, WorkerExit.ofCode(3), List.of(SECRET));
  }

  private static PythonError error(boolean importing) {
    return new PythonError(
        SECRET, SECRET, SECRET, List.of(new PythonFrame(SECRET, SECRET, SECRET, 1)), importing);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> members(String json) {
    try (var jsonb = JsonbBuilder.create()) {
      return jsonb.fromJson(json, Map.class);
    } catch (Exception e) {
      return fail("not JSON: " + json, e);
    }
  }
}
