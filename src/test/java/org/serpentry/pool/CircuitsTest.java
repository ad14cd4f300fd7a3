// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.BindingException;
import org.serpentry.api.BreakerState;
import org.serpentry.api.CircuitOpenException;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.config.FaultToleranceMode;
import org.serpentry.config.ResilienceConfigBuilder;
import org.serpentry.original.Original;
import org.serpentry.recovery.CircuitView;
import org.serpentry.spi.PoolListener.CircuitChange;
import org.serpentry.testing.TestPool;
import org.serpentry.testing.VirtualClock;

/** Circuits of real calls: opened by failures, half-opened by time, closed by successes. */
@Original("circuit_breaker")
@Tag("core-pool")
@Tag("layer-2")
class CircuitsTest {
  private static final String GROUP = "serpentry_faults";

  private final VirtualClock clock = VirtualClock.at(Instant.parse("2026-01-01T00:00:00Z"));

  @Test
  void deathsOfAFunctionOpenItsGroupsCircuitAndNoOther() {
    try (TestPool pool = start(FaultToleranceMode.CORE, r -> {})) {
      die(pool, 5);

      CircuitOpenException refused =
          catchThrowableOfType(
              CircuitOpenException.class, () -> pool.function(GROUP + ":pid").call());
      assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(60));
      assertThat(refused.context()).containsEntry("circuit", GROUP);
      assertThat(refused).hasMessageContaining("exit code 3");
      assertThat(add(pool)).isEqualTo(3);
      CircuitView view = pool.pool().control().resilience().circuit(GROUP);
      assertThat(view.state()).isEqualTo(BreakerState.OPEN);
      assertThat(view.refusals()).isEqualTo(1);
      assertThat(pool.pool().control().resilience().circuit("*").state())
          .isEqualTo(BreakerState.CLOSED);
    }
  }

  @Test
  void anOpenCircuitHalfOpensByItselfAndCloses() {
    try (TestPool pool = start(FaultToleranceMode.CORE, r -> {})) {
      die(pool, 5);
      awaitState(pool, BreakerState.OPEN);
      clock.advance(Duration.ofSeconds(60));
      awaitState(pool, BreakerState.HALF_OPEN);

      for (int i = 0; i < 3; i++) {
        pool.function(GROUP + ":pid").call();
      }

      awaitState(pool, BreakerState.CLOSED);
      assertThat(pool.pool().control().resilience().circuitViews()).isEmpty();
    }
  }

  @Test
  void aFailureWhileHalfOpenOpensItAgain() {
    try (TestPool pool = start(FaultToleranceMode.CORE, r -> {})) {
      die(pool, 5);
      awaitState(pool, BreakerState.OPEN);
      clock.advance(Duration.ofSeconds(60));
      awaitState(pool, BreakerState.HALF_OPEN);
      pool.function(GROUP + ":pid").callAsync().join();
      die(pool, 1);

      assertThat(catchThrowable(() -> pool.function(GROUP + ":pid").call()))
          .isInstanceOf(CircuitOpenException.class);
    }
  }

  /** Cannot be made of any result. */
  public record Overflowing(int token, int pid) {
    /** Throws. */
    public Overflowing {
      if (pid > 0) {
        throw new StackOverflowError("of a class that is too deep");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTrialOfWhoseAnswerNothingCanBeMadeLeavesItsPlaceToTheNext(boolean asynchronous) {
    try (TestPool pool = start(FaultToleranceMode.CORE, r -> r.circuitTrials(1))) {
      die(pool, 5);
      awaitState(pool, BreakerState.OPEN);
      clock.advance(Duration.ofSeconds(60));
      awaitState(pool, BreakerState.HALF_OPEN);
      PythonFunction trial = pool.function(GROUP + ":token").args(1);

      Throwable thrown =
          asynchronous
              ? catchThrowable(() -> trial.callAsync(Overflowing.class).join()).getCause()
              : catchThrowable(() -> trial.call(Overflowing.class));

      assertThat(thrown).isInstanceOf(StackOverflowError.class);
      pool.function(GROUP + ":pid").call();
    }
  }

  @Test
  void asynchronousCallsCountAndAreRefusedAlike() {
    try (TestPool pool = start(FaultToleranceMode.CORE, r -> {})) {
      for (int i = 0; i < 5; i++) {
        assertThat(catchThrowable(() -> pool.function(GROUP + ":die").callAsync().join()))
            .isInstanceOf(CompletionException.class)
            .hasCauseInstanceOf(WorkerCrashedException.class);
      }
      assertThat(catchThrowable(() -> pool.function(GROUP + ":pid").callAsync().join()))
          .hasCauseInstanceOf(CircuitOpenException.class);
    }
  }

  @Test
  void aRefusedCallIsAnsweredByItsFallback() {
    try (TestPool pool = start(FaultToleranceMode.CORE, r -> {})) {
      die(pool, 5);
      assertThat(pool.function(GROUP + ":pid").fallback(e -> -1).call(Integer.class)).isEqualTo(-1);
      assertThat(
              pool.function(GROUP + ":token").args(5).fallbackTo("faulty:echo").call(Integer.class))
          .isEqualTo(5);
      assertThat(
              pool.function(GROUP + ":token")
                  .args(6)
                  .fallbackTo("faulty:echo")
                  .callAsync(Integer.class)
                  .join())
          .isEqualTo(6);
    }
  }

  @Test
  void anOperatorClosesACircuit() {
    try (TestPool pool = start(FaultToleranceMode.CORE, r -> {})) {
      die(pool, 5);
      Resilience resilience = pool.pool().control().resilience();
      assertThat(resilience.resetCircuit("unknown")).isFalse();
      assertThat(resilience.resetCircuit(GROUP)).isTrue();
      pool.function(GROUP + ":pid").call();
    }
  }

  @Test
  void anOperatorBlocksAFunctionAndLetsItInAgain() {
    try (TestPool pool = start(FaultToleranceMode.MICROPROFILE, r -> r.circuitFailures(0))) {
      Resilience resilience = pool.pool().control().resilience();
      resilience.blockFunction(GROUP + ":pid", "anna");
      resilience.blockFunction(GROUP + ":pid", "anna"); // Once is enough.

      CircuitOpenException refused =
          catchThrowableOfType(
              CircuitOpenException.class, () -> pool.function(GROUP + ":pid").call());
      assertThat(refused).hasMessageContaining(GROUP + ":pid is blocked by anna");
      assertThat(refused.isTransient()).isFalse();
      assertThat(catchThrowable(() -> pool.function(GROUP + ":pid").callAsync().join()))
          .hasCauseInstanceOf(CircuitOpenException.class);
      assertThat(add(pool)).isEqualTo(3);
      assertThat(resilience.circuitViews())
          .singleElement()
          .satisfies(
              view -> {
                assertThat(view.state()).isEqualTo(BreakerState.OPEN);
                assertThat(view.refusals()).isEqualTo(2);
              });
      assertThat(pool.watcher().await(CircuitChange.class, c -> c.to() == BreakerState.OPEN))
          .extracting(CircuitChange::circuit, CircuitChange::cause)
          .containsExactly(GROUP + ":pid", "blocked by anna");
      assertThat(resilience.resetCircuit(GROUP + ":pid")).isTrue();
      pool.function(GROUP + ":pid").call();
      assertThat(resilience.resetCircuit(GROUP + ":pid")).isFalse();

      resilience.blockFunction(GROUP + ":*", "anna");
      assertThat(catchThrowable(() -> pool.function(GROUP + ":pid").call()))
          .hasMessageContaining(GROUP + ":* is blocked");
      resilience.resetCircuits();
      pool.function(GROUP + ":pid").call();
      assertThat(resilience.circuitViews()).isEmpty();
    }
  }

  @Test
  void whatNamesNoFunctionOrThePoolsOwnIsNotBlocked() {
    try (TestPool pool = start(FaultToleranceMode.CORE, r -> {})) {
      Resilience resilience = pool.pool().control().resilience();
      for (String name :
          List.of("", "faulty", ":add", "faulty:", "*:add", "faulty:a*", "serpentry:*")) {
        assertThat(catchThrowable(() -> resilience.blockFunction(name, "anna")))
            .as(name)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("'" + name + "'");
      }
      assertThat(add(pool)).isEqualTo(3);
    }
  }

  @Test
  void exceptionsOfPythonCountOnlyWhereThatIsSaid() {
    try (TestPool pool = start(FaultToleranceMode.CORE, r -> r.circuitPythonErrors(true))) {
      for (int i = 0; i < 7; i++) {
        assertThat(catchThrowable(() -> pool.function("faulty:sleep").args("no number").call()))
            .isInstanceOf(BindingException.class); // The caller's fault.
      }
      for (int i = 0; i < 5; i++) {
        assertThat(catchThrowable(() -> pool.function("faulty:sleep").args(-1).call()))
            .isInstanceOf(PythonCallException.class);
      }
      assertThat(catchThrowable(() -> pool.function("faulty:add").args(1, 2).call()))
          .isInstanceOf(CircuitOpenException.class);
    }
  }

  @Test
  void withAGuardBeforeThePoolOnlyNamedGroupsHaveCircuits() {
    try (TestPool pool =
        start(
            FaultToleranceMode.MICROPROFILE,
            r -> r.circuitGroups(List.of("deadly=*:die")).circuitFailures(2))) {
      die(pool, 2);
      assertThat(catchThrowable(() -> pool.function(GROUP + ":die").call()))
          .isInstanceOf(CircuitOpenException.class);
      pool.function(GROUP + ":pid").call();
    }
  }

  @Test
  void withAGuardBeforeThePoolThereAreNoCircuitsByDefault() {
    try (TestPool pool = start(FaultToleranceMode.MICROPROFILE, r -> {})) {
      die(pool, 7);
      assertThat(pool.pool().control().resilience().circuitViews()).isEmpty();
    }
  }

  private TestPool start(
      FaultToleranceMode mode, java.util.function.Consumer<ResilienceConfigBuilder> settings) {
    return TestPool.builder()
        .modules(Path.of("python/tests/modules"))
        .settings(c -> c.faultTolerance(mode).maxRetries(0).resilience(settings))
        .parts(b -> b.launcherWatch(SupervisionTest.PATIENT))
        .clock(clock)
        .start();
  }

  private static void die(TestPool pool, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(catchThrowable(() -> pool.function(GROUP + ":die").call()))
          .isInstanceOf(WorkerCrashedException.class);
    }
  }

  private static void awaitState(TestPool pool, BreakerState state) {
    CircuitChange change = pool.watcher().await(CircuitChange.class, c -> c.to() == state);
    assertThat(change.circuit()).isEqualTo(GROUP);
  }

  private static int add(TestPool pool) {
    return pool.function("faulty:add").args(1, 2).call(Integer.class);
  }
}
