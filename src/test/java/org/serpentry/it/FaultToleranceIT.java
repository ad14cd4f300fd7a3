// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import jakarta.inject.Inject;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.CircuitOpenException;
import org.serpentry.api.PoolName;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.QueueFullException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.ee.GuardedCall;
import org.serpentry.ee.PoolPeek;
import org.serpentry.pool.PoolSnapshot;

/**
 * Each annotation of the guard in force, for both ways of calling, and no pool in another's way.
 */
@Tag("layer-2")
@ExtendWith(ArquillianExtension.class)
class FaultToleranceIT {
  private static final String GUARD = "org.serpentry.ee.guard.";
  private static final int PENDING = 60;

  @Inject
  @PoolName("good")
  PythonPool good;

  @Inject
  @PoolName("bad")
  PythonPool bad;

  @Inject
  @PoolName("frail")
  PythonPool frail;

  @Inject
  @PoolName("hasty-1")
  PythonPool hasty;

  @Deployment
  static WebArchive war() {
    Map<String, String> settings = new HashMap<>();
    settings.put("serpentry.pools", "good,bad,frail,hasty-1");
    settings.put("serpentry.pool.frail.retry-delay", "1ms");
    settings.put("serpentry.pool.frail.max-retries", "2");
    settings.put("serpentry.pool.hasty-1.size", "1");
    settings.put("serpentry.pool.hasty-1.cancel-grace", "100ms");
    for (String crashing : new String[] {"frail", "bad"}) {
      settings.put("serpentry.pool." + crashing + ".restart-backoff-min", "1ms");
      settings.put("serpentry.pool." + crashing + ".restart-backoff-max", "1ms");
      settings.put("serpentry.pool." + crashing + ".checkout-timeout", "20s");
    }
    settings.put(GUARD + "Frail/call/Timeout/enabled", "true");
    for (String verb : new String[] {"call", "callAsync"}) {
      settings.put(GUARD + "Bad/" + verb + "/CircuitBreaker/requestVolumeThreshold", "4");
      settings.put(GUARD + "Bad/" + verb + "/CircuitBreaker/delay", "600000");
      settings.put(GUARD + "Frail/" + verb + "/CircuitBreaker/enabled", "false");
      settings.put(GUARD + "Hasty_1/" + verb + "/Timeout/value", "700");
      settings.put(GUARD + "Hasty_1/" + verb + "/Bulkhead/value", "1");
    }
    return PoolWars.main("tolerance.war", settings)
        .addClasses(PoolPeek.class, Events.class, ServerUnderTest.class);
  }

  private enum Verb {
    CALL {
      @Override
      <T> T run(PythonFunction function, Class<T> type) {
        return function.call(type);
      }
    },
    CALL_ASYNC {
      @Override
      <T> T run(PythonFunction function, Class<T> type) {
        try {
          return function.callAsync(type).join();
        } catch (CompletionException e) {
          throw (RuntimeException) e.getCause();
        }
      }
    };

    abstract <T> T run(PythonFunction function, Class<T> type);

    Throwable failure(PythonFunction function) {
      return catchThrowable(() -> run(function, Void.class));
    }
  }

  @Test
  void theTimeoutEndsACall() {
    for (Verb verb : Verb.values()) {
      Throwable failure = verb.failure(hasty.function("faulty:sleep").arg("seconds", 60));

      assertThat(failure).as("%s", verb).isInstanceOf(CallTimeoutException.class);
      assertByGuard(failure, "Hasty_1");
      awaitIdle(hasty, 1);
    }
  }

  @Test
  void theRetryRepeatsWhatMayBeRepeated() {
    for (Verb verb : Verb.values()) {
      assertThat(crashes(frail, verb, crash(frail).idempotent())).as("%s", verb).isEqualTo(3);
    }
  }

  @Test
  void theRetryLeavesAloneWhatMayHaveHadEffects() {
    for (Verb verb : Verb.values()) {
      assertThat(crashes(frail, verb, crash(frail))).as("%s", verb).isEqualTo(1);
    }
  }

  @Test
  void aCallsOwnNumberOfRetriesHoldsAndIsNotMultiplied() {
    for (Verb verb : Verb.values()) {
      PythonFunction call = crash(frail).idempotent();

      assertThat(crashes(frail, verb, call.retries(0))).as("%s", verb).isEqualTo(1);
      assertThat(crashes(frail, verb, call.retries(4))).as("%s", verb).isEqualTo(5);
    }
  }

  @Test
  void theBulkheadRefusesOneCallerTooMany() throws Exception {
    for (Verb verb : Verb.values()) {
      PythonFunction slow = hasty.function("faulty:sleep").arg("seconds", 60);
      CompletableFuture<Void> first = CompletableFuture.runAsync(() -> verb.failure(slow));
      awaitBusy(hasty, 1);
      CompletableFuture<Throwable> second =
          CompletableFuture.supplyAsync(() -> verb.failure(hasty.function("faulty:pid")));
      CompletableFuture<Throwable> third =
          CompletableFuture.supplyAsync(() -> verb.failure(hasty.function("faulty:pid")));

      Throwable refused =
          (Throwable) CompletableFuture.anyOf(second, third).get(30, TimeUnit.SECONDS);

      assertThat(refused).as("%s", verb).isInstanceOf(QueueFullException.class);
      assertByGuard(refused, "Hasty_1");
      assertThat(CompletableFuture.allOf(first, second, third))
          .as("the end of all callers, %s", verb)
          .succeedsWithin(30, TimeUnit.SECONDS);
      awaitIdle(hasty, 1);
    }
  }

  @Test
  void callsThatAreNotAnsweredYetHoldNoThread() {
    List<CompletableFuture<Void>> pending = new ArrayList<>();
    int before = ManagementFactory.getThreadMXBean().getThreadCount();
    for (int i = 0; i < PENDING; i++) {
      pending.add(good.function("faulty:sleep").arg("seconds", 60).callAsync());
    }
    awaitBusy(good, 1);
    Events.await(() -> PoolPeek.core(good.name()).control().counts().waiting() == PENDING - 1);

    int more = ManagementFactory.getThreadMXBean().getThreadCount() - before;
    pending.forEach(call -> call.cancel(true));

    assertThat(more).as("threads for %d calls", PENDING).isLessThan(PENDING / 4);
    awaitIdle(good, 1);
    assertThat(good.function("faulty:add").args(1, 2).callAsync(Integer.class).join()).isEqualTo(3);
  }

  @Test
  void aCallThatAsksForMoreTimeThanTheGuardAllowsIsRefused() {
    for (Verb verb : Verb.values()) {
      PythonFunction patient = hasty.function("faulty:pid").timeout(Duration.ofMinutes(10));

      Throwable failure = verb.failure(patient);

      assertThat(failure)
          .as("%s", verb)
          .isInstanceOf(PythonPoolException.class)
          .hasMessageContaining("the 700 ms after which")
          .hasMessageContaining(GUARD + "Hasty_1/");
    }
  }

  @Test
  void aCallMayTakeMoreTimeThanThePoolGivesWhereNothingWouldEndIt() {
    PythonFunction patient = good.function("faulty:add").args(1, 2).timeout(Duration.ofMinutes(10));

    for (Verb verb : Verb.values()) {
      assertThat(verb.run(patient, Integer.class)).as("%s", verb).isEqualTo(3);
    }
  }

  @Test
  void theServersTimeoutIsThereOnlyWhereTheConfigurationAsksForIt() throws Exception {
    assertThat(serversTimeout("Good")).isNull();
    assertThat(serversTimeout("Bad")).as("with other settings of its guard").isNull();
    assertThat(serversTimeout("Hasty_1")).as("with a value").isNotNull();
    assertThat(serversTimeout("Frail")).as("turned on").isNotNull();
    PythonFunction patient = frail.function("faulty:pid").timeout(Duration.ofMinutes(10));
    assertThat(Verb.CALL.failure(patient))
        .hasMessageContaining("the %d ms after which", serversTimeout("Frail").value())
        .hasMessageContaining(GUARD + "Frail/call/Timeout/value");
  }

  private static Timeout serversTimeout(String guard) throws ReflectiveOperationException {
    return Class.forName(GUARD + guard)
        .getMethod("call", GuardedCall.class)
        .getAnnotation(Timeout.class);
  }

  @Test
  void theFallbackAnswersInPlaceOfAFailure() {
    for (Verb verb : Verb.values()) {
      PythonFunction call =
          good.function("faulty:fail").arg("kind", "KeyError").fallback(e -> e.type());

      assertThat(verb.run(call, String.class)).as("%s", verb).isEqualTo("python_error");
    }
  }

  @Test
  void whatTheFallbackThrowsReachesTheCaller() {
    for (Verb verb : Verb.values()) {
      Throwable failure =
          verb.failure(
              good.function("faulty:fail")
                  .fallback(
                      e -> {
                        throw new UnsupportedOperationException("no answer");
                      }));

      assertThat(failure)
          .as("%s", verb)
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessage("no answer");
    }
  }

  @Test
  void aFailingPoolOpensItsOwnBreakerOnly() {
    for (Verb verb : Verb.values()) {
      for (int i = 0; i < 4; i++) {
        assertThat(verb.failure(crash(bad))).isInstanceOf(WorkerCrashedException.class);
      }

      assertThat(verb.failure(bad.function("faulty:pid")))
          .as("%s", verb)
          .isInstanceOf(CircuitOpenException.class);
      assertThat(verb.run(good.function("faulty:add").args(1, 2), Integer.class)).isEqualTo(3);
    }
  }

  @Test
  void pythonsOwnExceptionsDoNotOpenTheBreaker() {
    for (Verb verb : Verb.values()) {
      for (int i = 0; i < 25; i++) {
        assertThat(verb.failure(good.function("faulty:fail")))
            .isInstanceOf(PythonCallException.class);
      }

      assertThat(verb.run(good.function("faulty:add").args(1, 2), Integer.class)).isEqualTo(3);
    }
  }

  private static PythonFunction crash(PythonPool pool) {
    return pool.function("faulty:os_exit");
  }

  private static long crashes(PythonPool pool, Verb verb, PythonFunction call) {
    long before = snapshot(pool).calls().workerFailures();
    assertThat(verb.failure(call)).isInstanceOf(WorkerCrashedException.class);
    return snapshot(pool).calls().workerFailures() - before;
  }

  private static PoolSnapshot snapshot(PythonPool pool) {
    return PoolPeek.core(pool.name()).control().snapshot();
  }

  private static void assertByGuard(Throwable failure, String guard) {
    assertThat(failure)
        .asInstanceOf(InstanceOfAssertFactories.type(PythonPoolException.class))
        .extracting(e -> e.context().get("guard"))
        .isEqualTo(GUARD + guard);
  }

  private static void awaitBusy(PythonPool pool, int workers) {
    Events.await(() -> PoolPeek.core(pool.name()).control().counts().busy() == workers);
  }

  private static void awaitIdle(PythonPool pool, int workers) {
    Events.await(() -> PoolPeek.core(pool.name()).control().counts().idle() == workers);
  }
}
