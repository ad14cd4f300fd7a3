// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.config.ConfigReader;
import org.serpentry.config.FaultToleranceMode;
import org.serpentry.config.OperationPolicy;
import org.serpentry.config.PoolConfig;
import org.serpentry.management.PoolSettingsMXBean.SettingRow;
import org.serpentry.pool.TestPools;

/** What a console shows and does beyond the pool's counts. */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(120)
class ConsoleTest {

  private static PoolSettingsMXBean settings(ManagedPool managed) {
    return TableProxies.of(managed.server, component("Settings"), PoolSettingsMXBean.class);
  }

  private static ObjectName component(String name) {
    return ManagedPool.name("serpentry:application=shop,pool=test,component=" + name);
  }

  private static PythonPoolMXBean.RunningCall awaitRunning(ManagedPool managed) {
    List<PythonPoolMXBean.RunningCall> running = managed.bean().getRunningCalls();
    while (running.isEmpty()) {
      managed.bean().resume(); // A round trip that forgets the cached moment.
      running = managed.bean().getRunningCalls();
    }
    return running.get(0);
  }

  @Test
  void listsAreTablesWhoseRowsComeNewestFirst() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().build())) {
      managed.bean().suspend();
      managed.bean().resume();

      Object events = managed.server.getAttribute(managed.poolName(), "RecentEvents");

      assertThat(events).isInstanceOf(TabularData.class);
      TabularData table = (TabularData) events;
      assertThat(table.getTabularType().getIndexNames()).containsExactly("number");
      List<Long> numbers =
          table.values().stream().map(row -> (Long) ((CompositeData) row).get("number")).toList();
      assertThat(numbers)
          .hasSizeGreaterThanOrEqualTo(2)
          .isSortedAccordingTo(java.util.Comparator.reverseOrder());
      assertThat(
              managed
                  .server
                  .getAttributes(
                      managed.poolName(), new String[] {"Operations", "Sessions", "Size"})
                  .asList())
          .extracting(attribute -> attribute.getValue() instanceof TabularData)
          .containsExactly(true, true, false);
    }
  }

  @Test
  void aWorkersBeanShowsItsFailedCallsAndWhatAPingTells() throws Exception {
    PoolConfig config = TestPools.config().healthCheckInterval(Duration.ofMillis(50)).build();
    try (ManagedPool managed = new ManagedPool(config)) {
      assertThatThrownBy(() -> managed.pool.function("faulty:fail").call())
          .isInstanceOf(PythonCallException.class);
      managed.pool.function("faulty:collect").call();
      PythonWorkerMXBean worker = managed.worker(0);
      while (!worker.getCollections().matches("\\d+, \\d+, [1-9]\\d*")) {
        Thread.onSpinWait();
      }
      assertThat(worker.getCallsFailed()).isEqualTo(1);
    }
  }

  @Test
  void oneCallIsGivenUpAndTheAnswerSaysWhenItsWorkerWouldBeKilled() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().build())) {
      CompletableFuture<Throwable> call = new CompletableFuture<>();
      new Thread(
              () -> {
                try {
                  managed.pool.function("faulty:sleep").args(60).call();
                  call.complete(null);
                } catch (RuntimeException e) {
                  call.complete(e);
                }
              },
              "the-caller")
          .start();
      PythonPoolMXBean.RunningCall running = awaitRunning(managed);
      assertThat(running.caller()).isEqualTo("the-caller");
      assertThat(managed.worker(0).getCurrentCaller()).isEqualTo("the-caller");

      assertThat(managed.bean().cancelCall(running.request())).contains("SIGKILL");

      assertThat(call.get(ManagedPool.SECONDS, TimeUnit.SECONDS))
          .isInstanceOf(CallCancelledException.class);
      assertThatThrownBy(() -> managed.bean().cancelCall(4711))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("RunningCalls");
    }
  }

  @Test
  void aSlotIsDrainedAndRefilledByOperationsThatTellTheirEnd() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().size(2).maxSize(2).build())) {
      String drain = managed.bean().drainWorker(1);
      managed.await("serpentry.operation", text -> text.equals(drain + ": DONE"));
      managed.bean().resume(); // forgets the cached moment
      assertThat(managed.worker(1).getState()).isEqualTo("DRAINED");
      assertThat(managed.bean().getStatus()).isEqualTo(PoolStatus.DEGRADED);
      assertThat(managed.bean().getSuggestedAction()).contains("refillWorker");

      String refill = managed.bean().refillWorker(1);
      managed.await("serpentry.operation", text -> text.equals(refill + ": DONE"));
      managed.bean().resume();
      assertThat(managed.worker(1).getPid()).isPositive();
      assertThat(managed.bean().getStatus()).isEqualTo(PoolStatus.OK);
    }
  }

  @Test
  void theSelfTestTellsItsVerdict() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().build())) {
      String well = managed.bean().selfTest();
      managed.await("serpentry.operation", text -> text.equals(well + ": DONE: HEALTHY"));

      managed.bean().suspend();
      String suspended = managed.bean().selfTest();
      managed.await(
          "serpentry.operation", text -> text.startsWith(suspended + ": FAILED: UNHEALTHY"));
    }
  }

  @Test
  void aSettingThatWasChangedShowsAllAboutItAndIsExported() throws Exception {
    PoolConfig configured = TestPools.config().build();
    try (ManagedPool managed = new ManagedPool(configured)) {
      PoolSettingsMXBean settings = settings(managed);
      settings.setCheckoutTimeout("7s");
      settings.change("max-rss", "512MiB");

      Notification told =
          managed.await("serpentry.pool.setting", text -> text.startsWith("checkout-timeout"));
      assertThat(userData(told)).containsEntry("from", "45s").containsEntry("to", "7s");
      SettingRow row =
          settings.getSettings().stream()
              .filter(each -> each.key().equals("checkout-timeout"))
              .findFirst()
              .orElseThrow();
      assertThat(row.configured()).isEqualTo("45s");
      assertThat(row.current()).isEqualTo("7s");
      assertThat(row.changed()).isNotEmpty();
      assertThat(row.changedBy()).isNotEmpty();
      assertThat(settings.getCheckoutTimeout()).isEqualTo("7s");

      Properties properties = new Properties();
      properties.setProperty("serpentry.pools", "test");
      properties.load(new StringReader(settings.exportSettings()));
      PoolConfig read = ConfigReader.of(properties).read().pools().get("test");
      assertThat(read.checkoutTimeout()).isEqualTo(managed.pool.config().checkoutTimeout());
      assertThat(read.life().maxRss()).isEqualTo(512L << 20);

      settings.resetAll();
      assertThat(settings.getExport()).isEmpty();
      assertThat(managed.pool.config().toString()).isEqualTo(configured.toString());
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, String> userData(Notification notification) {
    return (Map<String, String>) notification.getUserData();
  }

  @Test
  void aRefusedSettingNamesItsBoundInTypesThatAnyConsoleHas() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().build())) {
      PoolSettingsMXBean settings = settings(managed);
      assertThatThrownBy(() -> settings.setOperationTimeout("soon"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("operation-timeout=soon")
          .hasNoCause();
      assertThatThrownBy(() -> settings.reset("sise"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("size");
      assertThat(settings.getExport()).isEmpty();
    }
  }

  @Test
  void whereNothingMayBeOperatedEverythingMayBeRead() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().build(), OperationPolicy.NONE)) {
      PoolSettingsMXBean settings = settings(managed);
      assertThatThrownBy(() -> managed.bean().resize(2)).isInstanceOf(SecurityException.class);
      assertThatThrownBy(() -> settings.setSize("2")).isInstanceOf(SecurityException.class);
      assertThatThrownBy(() -> settings.resetAll()).isInstanceOf(SecurityException.class);
      assertThatThrownBy(() -> managed.bean().dumpPythonStacks())
          .isInstanceOf(SecurityException.class);

      assertThat(managed.bean().getSize()).isEqualTo(1);
      assertThat(settings.exportSettings()).isEmpty();
    }
  }

  @Test
  void anOpenCircuitIsShownToldAndClosedByHand() throws Exception {
    PoolConfig config =
        TestPools.config()
            .faultTolerance(FaultToleranceMode.CORE)
            .resilience(resilience -> resilience.circuitFailures(1))
            .build();
    try (ManagedPool managed = new ManagedPool(config)) {
      PoolCircuitsMXBean circuits =
          TableProxies.of(managed.server, component("CircuitBreaker"), PoolCircuitsMXBean.class);
      assertThat(circuits.getCircuits()).isEmpty();
      assertThatThrownBy(() -> managed.pool.function("faulty:os_exit").call())
          .isInstanceOf(WorkerCrashedException.class);

      Notification told = managed.await("serpentry.pool.circuit", text -> text.contains("OPEN"));
      String name = userData(told).get("circuit");
      assertThat(circuits.getCircuitsOpen()).isEqualTo(1);
      assertThat(circuits.getCircuits().get(0).name()).isEqualTo(name);
      assertThat(circuits.getCircuits().get(0).state()).isEqualTo("OPEN");

      assertThat(circuits.resetCircuit(name)).isTrue();
      assertThat(circuits.getCircuitsOpen()).isZero();
      assertThat(circuits.resetCircuit(name)).isFalse();
    }
  }
}
