// SPDX-License-Identifier: Apache-2.0
package org.serpentry.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.BindingException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.FunctionNotExposedException;
import org.serpentry.api.PoolClosedException;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonSession;
import org.serpentry.api.PythonType;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.mock.MockExecution;

/** What holds for every adapter that a script answers for. */
@Tag("core-pool")
abstract class AdapterContractTest extends AdapterValuesTest {

  AdapterContractTest(String name) {
    super(name);
  }

  @Test
  void itSaysWhatStandsBehindIt() {
    assertThat(open().adapter()).isEqualTo(name());
    assertThat(open().script()).isEqualTo(Optional.of(script()));
    assertThat(pool().name()).isEqualTo("test");
  }

  @Test
  void aScriptedValueComesAsTheTypeThatTheCallerWants() {
    script().when("reviews:score").returns(Map.of("label", "GOOD", "score", 0.1));

    assertThat(pool().function("reviews:score").arg("text", "x").call(Verdict.class))
        .isEqualTo(new Verdict("GOOD", new BigDecimal("0.1")));
    assertThat(pool().function("reviews:score").call(new PythonType<Map<String, Object>>() {}))
        .containsEntry("label", "GOOD");
  }

  @Test
  void argumentsArriveByNameAndByPosition() {
    script()
        .when("text:join")
        .answers(c -> c.argument(0) + "-" + c.argument(1) + c.argument("end"));

    assertThat(pool().function("text:join").args("a", 2).arg("end", "!").call(String.class))
        .isEqualTo("a-2!");
    script().assertCalled("text:join", 1);
  }

  @Test
  void theNewestRuleThatFitsCountsAndUsedUpOnesGiveWay() {
    script().when("m:f").returns("any");
    script().when("m:*").with("n", 7.0).returns("seven");
    script().when("m:f").inSession("s").returns("in session");
    script().when("m:f").times(1).returns("first");

    assertThat(pool().function("m:f").arg("n", 7).call(String.class)).isEqualTo("first");
    assertThat(pool().function("m:f").arg("n", 7).call(String.class)).isEqualTo("seven");
    assertThat(pool().function("m:f").arg("n", 8).call(String.class)).isEqualTo("any");
    assertThat(pool().session("s").function("m:f").call(String.class)).isEqualTo("in session");
  }

  @Test
  void aRaisedErrorIsThatOfPython() {
    script().when("m:f").raises("ValueError", "out of tea");

    assertThatExceptionOfType(PythonCallException.class)
        .isThrownBy(() -> pool().function("m:f").call())
        .satisfies(e -> assertThat(e.pythonType()).isEqualTo("builtins.ValueError"))
        .satisfies(e -> assertThat(e.pythonMessage()).isEqualTo("out of tea"));
    assertThatExceptionOfType(PythonCallException.class)
        .isThrownBy(
            () -> {
              script().when("m:f").answers(c -> c.argument("missing"));
              pool().function("m:f").call();
            })
        .withMessageContaining("missing");
  }

  @Test
  void anUnscriptedCallIsRefusedWithWhatToAdd() {
    assertThatExceptionOfType(FunctionNotExposedException.class)
        .isThrownBy(() -> pool().function("m:f").call())
        .withMessageContaining("when(\"m:f\")");
    script().otherwise(c -> c.target());
    assertThat(pool().function("m:f").call(String.class)).isEqualTo("m:f");
  }

  @Test
  void aCrashIsRepeatedOnlyForIdempotentCalls() {
    script().when("m:f").returns("alive");
    script().when("m:f").times(1).crashes(9);
    assertThatExceptionOfType(WorkerCrashedException.class)
        .isThrownBy(() -> pool().function("m:f").call())
        .satisfies(e -> assertThat(e.exit().exitCode()).isEqualTo(9))
        .satisfies(e -> assertThat(e.isTransient()).isFalse());

    script().when("m:f").times(1).crashes(9);
    assertThat(pool().function("m:f").idempotent().call(String.class)).isEqualTo("alive");
    script().assertCalled("m:f", 3);
  }

  @Test
  void whatHangsRunsIntoItsTimeout() {
    script().when("m:f").hangs();
    script().when("m:slow").after(Duration.ofSeconds(60)).returns(1);

    for (String target : List.of("m:f", "m:slow")) {
      assertThatExceptionOfType(CallTimeoutException.class)
          .isThrownBy(() -> pool().function(target).timeout(Duration.ofMillis(50)).call());
    }
  }

  @Test
  void aLatencyPasses() {
    script().latency(Duration.ofMillis(20), Duration.ofMillis(25));
    script().when("m:f").returns(1);

    long begin = System.nanoTime();
    pool().function("m:f").call();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(19));
    MockExecution recorded = script().executions("m:f").get(0);
    assertThat(recorded.reply().delay()).isBetween(Duration.ofMillis(20), Duration.ofMillis(25));
  }

  @Test
  void injectedErrorsComeAsOftenAsTheirProbabilitySays() {
    script().when("m:f").returns(1);
    script().injectError("m:*", 0.5, "OSError", "disk");

    int failed = 0;
    for (int i = 0; i < 200; i++) {
      try {
        pool().function("m:f").call();
      } catch (PythonCallException e) {
        failed++;
      }
    }
    // The seed is fixed and one caller asks: the draw is the same in every run.
    assertThat(failed).isBetween(70, 130);
    script().assertCalled("m:f", 200);
  }

  @Test
  void asynchronousCallsEndAndCanBeGivenUp() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    script().when("m:f").returns(5);
    script()
        .when("m:wait")
        .after(Duration.ofSeconds(60))
        .answers(
            c -> {
              arrived.countDown();
              return 1;
            });

    assertThat(pool().function("m:f").callAsync(Integer.class).get(30, TimeUnit.SECONDS))
        .isEqualTo(5);
    CompletableFuture<Integer> given = pool().function("m:wait").callAsync(Integer.class);
    assertThat(arrived.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(given.cancel(true)).isTrue();
    assertThatExceptionOfType(CancellationException.class).isThrownBy(given::join);
    assertThat(pool().function("m:f").call(Integer.class)).isEqualTo(5);
  }

  @Test
  void aSessionKeepsItsStateAndCountsItsCalls() {
    script()
        .when("chat:add")
        .answers(
            c ->
                c.state()
                    .merge("n", BigDecimal.ONE, (a, b) -> ((BigDecimal) a).add((BigDecimal) b)));

    PythonSession session = pool().session("user-1");
    for (int i = 1; i <= 3; i++) {
      assertThat(session.function("chat:add").call(Integer.class)).isEqualTo(i);
    }
    assertThat(pool().session("user-2").function("chat:add").call(Integer.class)).isEqualTo(1);
    assertThat(session.info().orElseThrow().operations()).isEqualTo(3);
    assertThat(session.end()).isTrue();
    assertThat(session.function("chat:add").call(Integer.class)).isEqualTo(1);
    assertThat(script().executions("chat:add"))
        .extracting(e -> e.call().session())
        .containsExactly("user-1", "user-1", "user-1", "user-2", "user-1");
  }

  @Test
  void fallbacksAnswerForFailedCalls() {
    script().when("m:f").raises("ValueError", "no");
    script().when("m:g").returns("instead");

    assertThat(pool().function("m:f").fallback(e -> e.type()).call(String.class))
        .isEqualTo("python_error");
    assertThat(pool().function("m:f").fallbackTo("m:g").call(String.class)).isEqualTo("instead");
  }

  @Test
  void whatDoesNotFitIsABindingError() {
    script().when("m:f").returns("text");

    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool().function("m:f").call(Verdict.class));
  }

  @Test
  void anEndedPoolRefusesCalls() {
    open().close();

    assertThatExceptionOfType(PoolClosedException.class)
        .isThrownBy(() -> pool().function("m:f").call());
  }

  @Test
  void theScriptSaysWhichCallsThereWere() {
    script().when("m:f").returns(1);
    pool().function("m:f").arg("text", "a").arg("n", 2).call();

    script().assertCalledWith("m:f", Map.of("n", 2.0));
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> script().assertCalledWith("m:f", Map.of("n", 3)))
        .withMessageContaining("text=a");
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> script().assertCalled("m:f", 2))
        .withMessageContaining("1 times, not 2");
    assertThat(script().executions()).extracting(e -> e.call().target()).containsExactly("m:f");
  }
}
