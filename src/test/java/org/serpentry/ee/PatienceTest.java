// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.api.WorkerExit;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.RetryBackoff;
import org.serpentry.pool.CallRequest;
import org.serpentry.recovery.RetryDelays;

/** One deadline for all attempts that the guard or the facade makes. */
@Tag("layer-1")
class PatienceTest {
  private final AtomicLong now = new AtomicLong(1_000);
  private final PoolConfig config =
      PoolConfig.builder("ml")
          .checkoutTimeout(Duration.ofSeconds(3))
          .operationTimeout(Duration.ofSeconds(7))
          .retryDelay(Duration.ofMillis(1))
          .resilience(r -> r.retryBackoff(RetryBackoff.LINEAR).retryJitter(0))
          .build();

  @Test
  void anAttemptGetsWhatIsLeft() {
    Patience patience = patience(request());
    pass(Duration.ofSeconds(4));

    assertThat(patience.afterFailure(failure())).isTrue();
    assertThat(patience.again(request()).budget()).isEqualTo(Duration.ofSeconds(6));
  }

  @Test
  void thereIsNoAttemptAfterTheDeadline() {
    Patience patience = patience(request());
    pass(Duration.ofSeconds(10));
    assertThat(patience.afterFailure(failure())).isFalse();
  }

  @Test
  void aCallsOwnBudgetIsItsDeadline() {
    Patience patience = patience(request().leaving(Duration.ofSeconds(2)));
    pass(Duration.ofSeconds(1));
    assertThat(patience.afterFailure(failure())).isTrue();
    pass(Duration.ofMillis(999));
    assertThat(patience.afterFailure(failure())).isFalse();
  }

  @Test
  void oneFailureIsJudgedOnce() {
    Patience patience = patience(request());
    WorkerCrashedException failure = failure();
    assertThat(patience.afterFailure(failure)).isTrue();
    pass(Duration.ofSeconds(20));
    assertThat(patience.afterFailure(failure)).isTrue();
    assertThat(patience.afterFailure(failure())).isFalse();
  }

  private Patience patience(CallRequest request) {
    return new Patience(request, config, RetryDelays.of(config), now::get);
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private static WorkerCrashedException failure() {
    return new WorkerCrashedException(
        ErrorContext.ofPool("ml").withRetrySafe(true), WorkerExit.ofCode(1), List.of());
  }

  private static CallRequest request() {
    return new CallRequest(
        "m:f",
        new byte[0],
        List.of(),
        Map.of(),
        Object.class,
        null,
        null,
        -1,
        false,
        null,
        null,
        null);
  }
}
