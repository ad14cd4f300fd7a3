// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.assertj.core.api.AbstractThrowableAssert;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.CircuitOpenException;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.QueueFullException;
import org.serpentry.api.TransientPythonPoolException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.api.WorkerExit;
import org.serpentry.config.StartMode;
import org.serpentry.ee.GuardedCall.Repeats;
import org.serpentry.pool.CallRequest;
import org.serpentry.pool.TestPools;
import org.serpentry.pool.WorkerPool;
import org.serpentry.recovery.RetryDelays;

@Tag("layer-1")
class GuardFailuresTest {

  private final WorkerCrashedException crash =
      new WorkerCrashedException(
          ErrorContext.ofPool("test").withRetrySafe(true), WorkerExit.ofCode(3), List.of());

  private static WorkerPool core;
  private static GuardedCall call;

  @BeforeAll
  static void start() {
    core =
        TestPools.start(
            TestPools.config()
                .start(StartMode.LAZY)
                .queueCapacity(4)
                .checkoutTimeout(Duration.ofSeconds(2))
                .operationTimeout(Duration.ofSeconds(8))
                .build());
    CallRequest request =
        new CallRequest(
            "m:f",
            null,
            List.of(),
            Map.of(),
            Object.class,
            null,
            null,
            -1,
            false,
            () -> "s1",
            null,
            null);
    call =
        new GuardedCall(
            core,
            new GuardSettings(Duration.ofSeconds(15), 0, 5, null, true, true),
            request,
            Repeats.BY_GUARD,
            new Patience(request, core.config(), RetryDelays.of(core.config()), System::nanoTime));
  }

  @AfterAll
  static void stop() {
    core.close();
  }

  @Test
  void thePoolsOwnExceptionsComeOutAsTheyWere() {
    assertThat(GuardFailures.translate(call, crash)).isSameAs(crash);
    assertThat(GuardFailures.translate(call, new TransientPythonPoolException(crash)))
        .isSameAs(crash);
    assertThat(
            GuardFailures.translate(
                call,
                new CompletionException(
                    new ExecutionException(new TransientPythonPoolException(crash)))))
        .isSameAs(crash);
  }

  @Test
  void whatTheGuardThrowsBecomesThePoolsAndNamesTheGuard() {
    TimeoutException timeout = new TimeoutException();
    assertTranslated(timeout, CallTimeoutException.class)
        .hasMessageContaining("15000 ms")
        .hasSuppressedException(timeout);
    BulkheadException full = new BulkheadException();
    assertTranslated(full, QueueFullException.class).hasSuppressedException(full);
    CircuitBreakerOpenException open = new CircuitBreakerOpenException();
    assertTranslated(open, CircuitOpenException.class).hasCause(open);
    CancellationException cancelled = new CancellationException();
    assertTranslated(cancelled, CallCancelledException.class).hasCause(cancelled);
    InterruptedException interrupted = new InterruptedException();
    assertTranslated(interrupted, CallCancelledException.class).hasCause(interrupted);
  }

  @Test
  void anythingElseIsAFailureOfTheGuard() {
    IllegalStateException broken = new IllegalStateException("no timer");

    assertTranslated(broken, PythonPoolException.class)
        .hasMessageContaining("no timer")
        .hasCause(broken);
  }

  @Test
  void aTimeoutThatTheGuardDoesNotHaveIsNotTheGuards() {
    GuardSettings untimed = new GuardSettings(null, 0, 5, null, false, true);

    assertThat(GuardFailures.isGuards(new TimeoutException(), untimed)).isFalse();
    assertThat(GuardFailures.isGuards(new TimeoutException(), call.settings())).isTrue();
    assertThat(GuardFailures.isGuards(new BulkheadException(), untimed)).isTrue();
    assertThat(GuardFailures.isGuards(new IllegalStateException(), untimed)).isFalse();
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertTranslated(
      Throwable failure, Class<? extends PythonPoolException> expected) {
    PythonPoolException translated = GuardFailures.translate(call, failure);
    assertThat(translated.context())
        .containsEntry("guard", "org.serpentry.ee.guard.Test")
        .containsEntry("target", "m:f");
    assertThat(translated.sessionId()).contains("s1");
    return assertThat(translated).isExactlyInstanceOf(expected);
  }
}
