// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import jakarta.ejb.ApplicationException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("layer-1")
class PythonPoolExceptionTest {
  private static final ErrorContext AT =
      ErrorContext.ofPool("ml").withWorker("3#7").withRequest(42).withSession("user-1");
  private static final PoolCounts COUNTS = new PoolCounts(4, 3, 1, 12);
  private static final PythonError VALUE_ERROR =
      new PythonError(
          "builtins.ValueError",
          "no text",
          "Traceback (most recent call last): …",
          List.of(
              new PythonFrame("reviews", "score", "reviews.py", 12),
              new PythonFrame("helpers", "clean", "helpers.py", 3)),
          false);

  /** One of each subtype, with its category and type. */
  static Stream<PythonPoolException> everySubtype() {
    ErrorContext safe = AT.withRetrySafe(true);
    return Stream.of(
        new CheckoutTimeoutException(AT, Duration.ofSeconds(45), COUNTS),
        new QueueFullException(AT, 1000, COUNTS),
        new CallTimeoutException(AT, "m:f", Duration.ofSeconds(2), "Thread 0x1 …"),
        new CallCancelledException(AT, "m:f", "the caller's interrupt", new Exception("cause")),
        new PoolSuspendedException(AT),
        new SessionBusyException(AT, "its worker runs another call"),
        new SessionLostException(AT),
        new SessionLimitException(AT, "session-limit", "7 sessions are open", null),
        new SessionConflictException(AT),
        new PoolFailedException(AT, "its launcher was killed"),
        new CodeReloadException(AT, "the import raised", "Traceback …", null),
        new PoolClosedException(AT, "the application is being undeployed", null),
        new CircuitOpenException(AT, Duration.ofSeconds(5), "signal SIGSEGV", null),
        new WorkerCrashedException(AT, WorkerExit.ofSignal("SIGSEGV"), List.of("a", "b")),
        new ProtocolException(AT, "a frame of 3 bytes; at least 12", null),
        new FunctionNotExposedException(AT, "m:g", "m:g is not exposed; the nearest is m:f"),
        new BindingException(
            AT, BindingException.Direction.ARGUMENT, "argument n: expected int, got str", null),
        new RequestTooLargeException(AT, "the request's frame in bytes", 9, 8, "max-frame-size"),
        new ResultTooLargeException(AT, "m:f", 9, 8),
        new WorkerStartException(AT, "the template died", List.of("x"), null),
        new EnvironmentException(AT, "python3.99 is not on the PATH", null),
        new PythonCallException(AT, "m:f", VALUE_ERROR),
        new TransientPythonPoolException(new ProtocolException(safe, "half a frame", null)));
  }

  @ParameterizedTest
  @MethodSource("everySubtype")
  void everySubtypeSaysWhereItHappenedAndSurvivesTheWayToARemoteCaller(PythonPoolException failure)
      throws IOException, ClassNotFoundException {
    assertThat(failure.getMessage()).startsWith("ml - ").contains("[worker 3#7, request 42]");
    assertThat(failure.type()).matches("[a-z]+(_[a-z]+)*");

    PythonPoolException copy = overTheWire(failure);

    assertThat(copy).hasSameClassAs(failure).hasMessage(failure.getMessage());
    assertThat(copy.category()).isEqualTo(failure.category());
    assertThat(copy.type()).isEqualTo(failure.type());
    assertThat(copy.pool()).isEqualTo("ml");
    assertThat(copy.workerId()).contains("3#7");
    assertThat(copy.requestId()).hasValue(42);
    assertThat(copy.sessionId()).contains("user-1");
    assertThat(copy.context()).isEqualTo(failure.context());
    assertThat(copy.isTransient()).isEqualTo(failure.isTransient());
  }

  @ParameterizedTest
  @MethodSource("everySubtype")
  void everySubtypeInheritsTheAnnotationThatKeepsEjbsAlive(PythonPoolException failure) {
    ApplicationException annotation =
        PythonPoolException.class.getAnnotation(ApplicationException.class);

    assertThat(annotation.inherited()).isTrue();
    assertThat(annotation.rollback()).isFalse();
    assertThat(failure).isInstanceOf(PythonPoolException.class);
  }

  @Test
  void exhaustionCarriesTheCounts() {
    CheckoutTimeoutException timeout =
        new CheckoutTimeoutException(ErrorContext.ofPool("ml"), Duration.ofSeconds(45), COUNTS);

    assertThat(timeout)
        .hasMessage(
            "ml - no worker became free within 45000 ms (4 workers: 3 busy, 1 idle; 12 calls"
                + " waiting); raise max-size or checkout-timeout, or look for stuck calls");
    assertThat(timeout.counts()).isEqualTo(COUNTS);
    assertThat(timeout.context()).containsEntry("waiting", 12).containsEntry("total", 4);
    assertThat(timeout.workerId()).isEmpty();
    assertThat(timeout.requestId()).isEmpty();
  }

  @Test
  void callsThatDidNotStartAreTransientAndOthersOnlyWhenRepeatingIsSafe() {
    WorkerExit killed = WorkerExit.ofSignal("SIGKILL");

    assertThat(new QueueFullException(AT, 1, COUNTS).isTransient()).isTrue();
    assertThat(new WorkerCrashedException(AT, killed, List.of()).isTransient()).isFalse();
    assertThat(new WorkerCrashedException(AT.withRetrySafe(true), killed, List.of()).isTransient())
        .isTrue();
    assertThat(new PoolClosedException(AT.withRetrySafe(true), "closed", null).isTransient())
        .isFalse();
  }

  @Test
  void transientWrapperGivesBackTheFailureAndRefusesLastingOnes() {
    PythonPoolException failure = new QueueFullException(AT, 1, COUNTS);

    assertThat(new TransientPythonPoolException(failure).unwrap()).isSameAs(failure);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TransientPythonPoolException(new PoolSuspendedException(AT)))
        .withMessageContaining("not transient");
  }

  @Test
  void pythonFramesStandOnTopOfTheJavaStackTraceInnermostFirst() {
    PythonCallException failure = new PythonCallException(AT, "reviews:score", VALUE_ERROR);

    StackTraceElement[] trace = failure.getStackTrace();
    assertThat(trace[0]).hasToString("python.helpers.clean(helpers.py:3)");
    assertThat(trace[1]).hasToString("python.reviews.score(reviews.py:12)");
    assertThat(trace[2].getClassName()).isEqualTo(PythonPoolExceptionTest.class.getName());
    assertThat(failure).hasMessageContaining("reviews:score raised builtins.ValueError: no text");
    assertThat(failure.pythonType()).isEqualTo("builtins.ValueError");
    assertThat(failure.pythonMessage()).isEqualTo("no text");
    assertThat(failure.traceback()).startsWith("Traceback");
    assertThat(failure.frames()).hasSize(2);
  }

  @Test
  void crashNamesSignalOrCodeAndQuotesTheLastLinesOnly() {
    List<String> lines = List.of("1", "2", "3", "4", "5", "6");
    WorkerCrashedException crash =
        new WorkerCrashedException(AT, WorkerExit.ofSignal("SIGSEGV"), lines);

    assertThat(crash)
        .hasMessageContaining("the worker ended by signal SIGSEGV; the call may have had effects")
        .hasMessageContaining("it last printed: 2\n  3");
    assertThat(crash.lastOutput()).isEqualTo(lines);
    assertThat(WorkerExit.ofCode(3)).hasToString("exit code 3");
    assertThat(WorkerExit.unknown()).hasToString("an unknown cause");
  }

  @Test
  void factsInTheContextArePlainValues() {
    ErrorContext context = ErrorContext.ofPool("p").with("a", 1).with("b", Duration.ofSeconds(1));

    assertThat(context.values()).containsEntry("a", 1).containsEntry("b", "PT1S");
  }

  private static PythonPoolException overTheWire(PythonPoolException failure)
      throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(failure);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (PythonPoolException) in.readObject();
    }
  }
}
