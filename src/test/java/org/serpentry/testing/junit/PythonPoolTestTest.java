// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.serpentry.adapter.AdapterChoice;
import org.serpentry.adapter.TestMode;
import org.serpentry.api.PythonPool;
import org.serpentry.mock.MockScript;
import org.serpentry.pool.WorkerPool;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.testing.TestPool;

/** The extension, by tests within this test. */
@Tag("core-pool")
@Tag("layer-3")
class PythonPoolTestTest {

  private static final String MODULES = "python/tests/modules";

  /** What the inner tests have met. */
  private static final Set<Object> MET = ConcurrentHashMap.newKeySet();

  private static EngineExecutionResults run(Class<?> tests, String... parameters) {
    MET.clear();
    EngineTestKit.Builder builder =
        EngineTestKit.engine("junit-jupiter")
            .selectors(selectClass(tests))
            .enableImplicitConfigurationParameters(false);
    for (int i = 0; i < parameters.length; i += 2) {
      builder.configurationParameter(parameters[i], parameters[i + 1]);
    }
    return builder.execute();
  }

  private static void allSucceed(EngineExecutionResults results, int tests) {
    results.testEvents().assertStatistics(s -> s.started(tests).succeeded(tests));
    results.containerEvents().assertStatistics(s -> s.failed(0).aborted(0));
  }

  private static Throwable failure(EngineExecutionResults results) {
    return results.allEvents().failed().stream()
        .map(PythonPoolTestTest::thrown)
        .findFirst()
        .orElseThrow();
  }

  private static String abortion(EngineExecutionResults results) {
    return results.allEvents().aborted().stream()
        .map(PythonPoolTestTest::thrown)
        .findFirst()
        .orElseThrow()
        .getMessage();
  }

  private static Throwable thrown(Event event) {
    return event
        .getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class)
        .getThrowable()
        .orElseThrow();
  }

  @PythonPoolTest(modules = MODULES, settings = "operation-timeout=20s")
  static class Real {
    PythonPool field;

    @Test
    void aRealWorkerAnswers(PythonPool python, TestPool kit) {
      assertThat(field).isSameAs(python).isSameAs(kit.pool());
      assertThat(python.function("faulty:add").args(2, 3).call(Integer.class)).isEqualTo(5);
      assertThat(kit.pool().config().operationTimeout()).hasSeconds(20);
      MET.add(python);
    }

    @Test
    void theNextTestHasTheSamePool(PythonPool python) {
      MET.add(python);
    }

    @Nested
    class Inside {
      @Test
      void alsoANestedOne(PythonPool python) {
        MET.add(python);
      }
    }
  }

  @Test
  void fullIntegrationIsRealAndSharedByTheClassAndEndsWithIt() {
    allSucceed(run(Real.class), 3);

    assertThat(MET).hasSize(1).allMatch(pool -> ((WorkerPool) pool).control().closed());
  }

  @PythonPoolTest(layer = TestLayer.MOCK_ADAPTER, shared = false)
  static class Own {
    MockScript script;

    @Test
    void one(PythonPool python) {
      script.when("m:f").returns(1);
      assertThat(python.function("m:f").call(Integer.class)).isEqualTo(1);
      MET.add(python);
    }

    @Test
    void two(PythonPool python) {
      assertThat(script.executions()).isEmpty();
      MET.add(python);
    }
  }

  @Test
  void withoutSharingEachTestHasItsOwnPool() {
    allSucceed(run(Own.class), 2);

    assertThat(MET).hasSize(2);
  }

  @PythonPoolTest
  static class Chosen {
    @Test
    void tellsItsLayer(AdapterChoice choice, PythonPool python) {
      MET.add(choice.toString());
    }

    @Test
    @OnLayer(TestLayer.MOCK_ADAPTER)
    void runsOnTheMockOnly(MockScript script) {
      script.when("m:f").returns(1);
      MET.add("scripted");
    }
  }

  @Test
  void theTestModeChoosesTheLayerAndOthersAreSkippedWithAReason() {
    allSucceed(run(Chosen.class, TestMode.KEY, "mock_adapter"), 2);
    assertThat(MET).containsExactlyInAnyOrder("mock (by TEST_MODE)", "scripted");

    EngineExecutionResults bridge = run(Chosen.class, TestMode.VARIABLE, "bridge_mock");
    bridge.testEvents().assertStatistics(s -> s.succeeded(1).skipped(1));
    assertThat(MET).containsExactly("bridge-mock (by TEST_MODE)");
    assertThat(bridge.testEvents().skipped().stream().findFirst().orElseThrow().getPayload())
        .hasValueSatisfying(
            reason ->
                assertThat(reason.toString())
                    .contains("MOCK_ADAPTER", "bridge-mock (by TEST_MODE)", "serpentry.test-mode"));
  }

  @Test
  void anUnknownTestModeFailsAndNamesTheKnown() {
    assertThat(failure(run(Real.class, TestMode.KEY, "mock")))
        .hasMessageContaining("full_integration, mock_adapter, bridge_mock");
  }

  @PythonPoolTest(settings = "adapter=bridge-mock")
  static class Configured {
    @Test
    void theScriptAnswersThroughTheProtocol(
        PythonPool python, MockScript script, WorkerPool workers, PoolWatcher watcher) {
      script.when("m:f").returns("scripted");
      assertThat(python.function("m:f").call(String.class)).isEqualTo("scripted");
      script.assertCalled("m:f", 1);
      MET.add(workers);
    }

    @Test
    void theScriptIsEmptyAgain(MockScript script) {
      assertThat(script.executions()).isEmpty();
    }

    @Test
    void whatNeedsRealWorkersIsSkipped(TestPool kit) {
      MET.add(kit);
    }
  }

  @Test
  void theConfigurationChoosesWhereNobodyElseDoes() {
    EngineExecutionResults results = run(Configured.class);

    results.testEvents().assertStatistics(s -> s.succeeded(2).aborted(1));
    assertThat(abortion(results)).contains("wants real workers", "bridge-mock (by CONFIGURATION)");
    assertThat(MET).hasSize(1);
  }

  @PythonPoolTest(
      modules = MODULES,
      packages = {"json", "no_such_package"})
  static class Lacking {
    @Test
    void never() {
      MET.add("ran");
    }
  }

  @PythonPoolTest(python = "no-such-python")
  static class WithoutPython {
    @Test
    void never() {
      MET.add("ran");
    }
  }

  @Test
  void anEnvironmentThatLacksSomethingSkipsWithTheReason() {
    assertThat(abortion(run(Lacking.class)))
        .contains("cannot import no_such_package")
        .doesNotContain("json,");
    assertThat(abortion(run(WithoutPython.class))).contains("no-such-python");
    assertThat(MET).isEmpty();
  }

  @Test
  void nothingIsSkippedWhereAllIsRequired() {
    assertThat(failure(run(WithoutPython.class, "serpentry.test.required", "true")))
        .hasMessageContaining("no-such-python");
  }

  @PythonPoolTest(modules = MODULES)
  static class Failing {
    @Test
    void fails(PythonPool python, PoolWatcher watcher) {
      int mark = watcher.mark();
      python.function("faulty:print_lines").args(List.of("I am here")).call();
      watcher.awaitAfter(mark, PoolWatcher.Printed.class, p -> p.lines().contains("I am here"));
      throw new AssertionError("on purpose");
    }
  }

  @Test
  void aFailureShowsWhatTheWorkersSaid() {
    Throwable failure = failure(run(Failing.class));

    assertThat(failure).hasMessage("on purpose");
    assertThat(Arrays.asList(failure.getSuppressed()))
        .filteredOn(PythonLog.class::isInstance)
        .singleElement()
        .satisfies(log -> assertThat(log).hasMessageContaining("[worker 0 stdout] I am here"));
  }

  @PythonPoolTest(settings = "operation-timout=1s")
  static class Misspelt {
    @Test
    void never() {
      MET.add(Map.of());
    }
  }

  @Test
  void aSettingThatDoesNotExistFailsWithTheNearest() {
    assertThat(failure(run(Misspelt.class))).hasMessageContaining("operation-timeout");
  }
}
