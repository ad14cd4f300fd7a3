// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanException;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.serpentry.dspy.DspyProgramsMXBean;
import org.serpentry.dspy.ProgramsBeans;
import org.serpentry.pool.TestPools;
import org.serpentry.session.FaultyStore;
import org.serpentry.session.MemorySessionStore;
import org.serpentry.testing.Processes;

/**
 * No operation keeps a console waiting for longer than a second, however badly the workers do: one
 * runs a call that does not end, the other is stopped. The store of the programs does not answer.
 */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(120)
class OperationTimeTest {
  private static final long MOST_MILLIS = 1_000;

  /** The machine may be slow for a moment; what waits for something waits each time. */
  private static final int ATTEMPTS = 20;

  private static final CountDownLatch ended = new CountDownLatch(1);
  private static final FaultyStore silent =
      new FaultyStore(new MemorySessionStore(System::nanoTime, Duration.ofHours(1), 1 << 20));

  private static ManagedPool managed;
  private static CompletableFuture<Object> endless;

  /** What a long operation, or a change, is asked with. */
  private static Map<String, Supplier<Object[]>> arguments() {
    Map<String, Supplier<Object[]>> arguments = new TreeMap<>();
    for (String without :
        List.of(
            "dumpPythonStacks",
            "exportSettings",
            "recycleWorkersOneByOne",
            "reloadCode",
            "resetAll",
            "resetCircuitBreaker",
            "resetCircuits",
            "resetCrashBreaker",
            "resetStatistics",
            "resume",
            "retryFailedPool",
            "rollbackCode",
            "selfTest",
            "suspend")) {
      arguments.put(without, () -> new Object[] {});
    }
    for (String ofSlot : List.of("drainWorker", "recycleWorker", "refillWorker")) {
      arguments.put(ofSlot, () -> new Object[] {1});
    }
    arguments.put("blockFunction", () -> new Object[] {"faulty:never_called"});
    arguments.put("cancelCall", () -> new Object[] {4711L});
    arguments.put("change", () -> new Object[] {"checkout-timeout", "31s"});
    arguments.put("deleteProgram", () -> new Object[] {"nobody/nothing"});
    arguments.put("endSession", () -> new Object[] {"nobody"});
    arguments.put("killWorker", () -> new Object[] {7});
    arguments.put("replaceLm", () -> new Object[] {"openai/x", "http://192.0.2.1:1", "sk-x"});
    arguments.put("reset", () -> new Object[] {"checkout-timeout"});
    arguments.put("resetCircuit", () -> new Object[] {"faulty:never_called"});
    arguments.put("resize", () -> new Object[] {2});
    arguments.put("suspendAndWait", () -> new Object[] {30});
    return arguments;
  }

  @BeforeAll
  static void start() throws Exception {
    managed =
        new ManagedPool(
            TestPools.config()
                .size(2)
                .maxSize(2)
                .healthCheckInterval(Duration.ZERO)
                .cancelGrace(Duration.ofMillis(50))
                .termGrace(Duration.ofMillis(50))
                .shutdownTimeout(Duration.ZERO)
                .build());
    managed.registrar.component(
        managed.pool.name(),
        "DspyPrograms",
        DspyProgramsMXBean.class,
        operations -> ProgramsBeans.of(managed.pool, silent.store(), operations));
    silent.before(OperationTimeTest::awaitEnd);
    endless = managed.pool.function("faulty:swallow").callAsync(Object.class);
    while (managed.bean().getCallsRunning() == 0) {
      Thread.onSpinWait();
    }
    PythonPoolMXBean.RunningCall running = managed.bean().getRunningCalls().get(0);
    Processes.signal("STOP", managed.worker(1 - running.slot()).getPid());
  }

  /** As a store does that does not answer. */
  private static void awaitEnd(String call) {
    try {
      ended.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(call, e);
    }
  }

  @AfterAll
  static void end() {
    ended.countDown();
    endless.cancel(true);
    managed.close();
  }

  static Stream<Object[]> operations() throws JMException {
    Set<ObjectName> beans = managed.server.queryNames(ManagedPool.name("serpentry:*"), null);
    assertThat(beans).hasSize(6);
    Set<String> known = new TreeSet<>(arguments().keySet());
    Stream.Builder<Object[]> operations = Stream.builder();
    for (ObjectName bean : new TreeSet<>(beans)) {
      for (MBeanOperationInfo operation : managed.server.getMBeanInfo(bean).getOperations()) {
        known.remove(operation.getName());
        operations.add(new Object[] {bean, operation.getName(), signature(operation)});
      }
    }
    assertThat(known).as("operations that no bean has any more").isEmpty();
    return operations.build();
  }

  @Test
  void noLookAtTheProgramsKeepsAConsoleWaiting() throws Exception {
    ObjectName programs = ManagedPool.name(managed.poolName() + ",component=DspyPrograms");
    for (MBeanAttributeInfo attribute : managed.server.getMBeanInfo(programs).getAttributes()) {
      long millis = Long.MAX_VALUE;
      for (int i = 0; i < ATTEMPTS && millis > MOST_MILLIS; i++) {
        long begin = System.nanoTime();
        try {
          managed.server.getAttribute(programs, attribute.getName());
        } catch (RuntimeMBeanException e) {
          assertThat(e.getCause()).as("an answer too").hasMessageContaining("has not answered");
        }
        millis = Math.min(millis, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
      }
      assertThat(millis).as(attribute.getName()).isLessThanOrEqualTo(MOST_MILLIS);
    }
  }

  private static String[] signature(MBeanOperationInfo operation) {
    return Arrays.stream(operation.getSignature())
        .map(MBeanParameterInfo::getType)
        .toArray(String[]::new);
  }

  @ParameterizedTest(name = "{1} of {0}")
  @MethodSource("operations")
  void noOperationKeepsAConsoleWaiting(ObjectName bean, String operation, String[] signature)
      throws Exception {
    Supplier<Object[]> arguments = arguments().get(operation);
    assertThat(arguments).as("what to ask %s with; add it to this test", operation).isNotNull();
    long millis = Long.MAX_VALUE;
    for (int i = 0; i < ATTEMPTS && millis > MOST_MILLIS; i++) {
      long begin = System.nanoTime();
      try {
        managed.server.invoke(bean, operation, arguments.get(), signature);
      } catch (MBeanException | RuntimeMBeanException e) {
        assertThat(e.getCause()).as("an answer too").hasMessageNotContaining("control thread");
      }
      millis = Math.min(millis, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
    }
    assertThat(millis).as("milliseconds").isLessThanOrEqualTo(MOST_MILLIS);
  }
}
