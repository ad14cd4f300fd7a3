// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static javax.management.MBeanServerNotification.REGISTRATION_NOTIFICATION;
import static javax.management.MBeanServerNotification.UNREGISTRATION_NOTIFICATION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.Notification;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.PoolCounts;
import org.serpentry.api.PoolSuspendedException;
import org.serpentry.api.PythonCallException;
import org.serpentry.config.StartMode;
import org.serpentry.management.PythonPoolMXBean.Operation;
import org.serpentry.pool.TestPools;
import org.serpentry.testing.Processes;

/** A pool of real workers, driven through its beans while it serves. */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(120)
class PoolBeanTest {

  @Test
  void whoResizesThePoolStandsAtTheSettingAndInItsNotification() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().build())) {
      String who = JmxCaller.name();
      managed.bean().resize(2);

      Notification told = managed.await("serpentry.pool.setting", text -> text.startsWith("size "));
      assertThat(told.getMessage()).isEqualTo("size was changed from 1 to 2 by " + who);
      PoolSettingsMXBean settings =
          TableProxies.of(
              managed.server,
              ManagedPool.name("serpentry:application=shop,pool=test,component=Settings"),
              PoolSettingsMXBean.class);
      assertThat(settings.getSettings())
          .filteredOn(row -> row.key().equals("size"))
          .extracting(PoolSettingsMXBean.SettingRow::changedBy)
          .containsExactly(who);
    }
  }

  @Test
  void resizesWhileCallsRunAndNoneFails() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().size(2).maxSize(2).build());
        Callers callers =
            new Callers(4, () -> managed.pool.function("faulty:echo").args(1).call())) {
      managed.bean().resize(4);
      assertThat(managed.bean().getSize()).isEqualTo(4);
      managed.awaitBean(REGISTRATION_NOTIFICATION, managed.workerName(3));
      managed.await("serpentry.worker.state", text -> text.contains("test/3"));

      managed.bean().resize(1);
      managed.awaitBean(UNREGISTRATION_NOTIFICATION, managed.workerName(3));
      assertThat(managed.bean().getSize()).isEqualTo(1);

      managed.notifications.clear();
      managed.bean().resize(3);
      // Slot 2 may not have lost its bean yet, so its worker is waited for and not a registration.
      managed.await(
          "serpentry.worker.state", text -> text.contains("test/2") && text.contains("-> READY"));
      assertThat(managed.server.isRegistered(managed.workerName(2))).isTrue();

      long calls = callers.finish();
      assertThat(calls).isPositive();
      assertThat(managed.pool.control().snapshot().calls().succeeded()).isEqualTo(calls);
      assertThat(managed.pool.control().snapshot().calls().workerFailures()).isZero();
    }
  }

  @Test
  void recyclesOneByOneWhileCallsRunAndCapacityNeverDrops() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().size(3).maxSize(3).build())) {
      Set<Integer> before = pids(managed, 3);
      AtomicInteger least = new AtomicInteger(3);
      Runnable call =
          () -> {
            managed.pool.function("faulty:echo").args(1).call();
            PoolCounts counts = managed.pool.control().counts();
            least.accumulateAndGet(counts.busy() + counts.idle(), Math::min);
          };
      try (Callers callers = new Callers(3, call)) {
        String id = managed.bean().recycleWorkersOneByOne();
        managed.await("serpentry.operation", text -> text.equals(id + ": DONE"));
        assertThat(callers.finish()).isPositive();

        assertThat(managed.bean().getOperations())
            .extracting(Operation::id, Operation::name, Operation::state)
            .containsExactly(
                org.assertj.core.groups.Tuple.tuple(id, "recycleWorkersOneByOne", "DONE"));
      }
      assertThat(least).hasValue(3);
      assertThat(pids(managed, 3)).hasSize(3).doesNotContainAnyElementsOf(before);
      assertThat(managed.pool.control().snapshot().calls().workerFailures()).isZero();
    }
  }

  @Test
  void theEndOfOneWorkersReplacementIsTold() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().build())) {
      Set<Integer> before = pids(managed, 1);
      String id = managed.bean().recycleWorker(0);
      managed.await("serpentry.operation", text -> text.equals(id + ": DONE"));

      assertThat(managed.bean().getOperations())
          .extracting(Operation::id, Operation::name, Operation::state)
          .containsExactly(org.assertj.core.groups.Tuple.tuple(id, "recycleWorker", "DONE"));
      assertThat(managed.pool.function("faulty:pid").call(Integer.class)).isNotIn(before);
    }
  }

  @Test
  void theEndOfASettingThatReplacesWorkersIsTold() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().build())) {
      PoolSettingsMXBean settings =
          TableProxies.of(
              managed.server,
              ManagedPool.name("serpentry:application=shop,pool=test,component=Settings"),
              PoolSettingsMXBean.class);
      assertThat(settings.change("checkout-timeout", "31s")).isEmpty();
      String places = settings.change("calls-per-worker", "2");
      managed.await("serpentry.operation", text -> text.equals(places + ": DONE"));

      String interpreter = settings.change("interpreter", managed.pool.config().interpreter());
      managed.await("serpentry.operation", text -> text.equals(interpreter + ": DONE"));
    }
  }

  private static Set<Integer> pids(ManagedPool managed, int slots) {
    Set<Integer> pids = new HashSet<>();
    for (int slot = 0; slot < slots; slot++) {
      pids.add(managed.worker(slot).getPid());
    }
    return pids;
  }

  @Test
  void aSuspendedPoolRefusesCallsUntilItIsResumed() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().build())) {
      assertThat(managed.bean().getStatus()).isEqualTo(PoolStatus.OK);
      managed.bean().suspend();

      assertThat(managed.bean().getStatus()).isEqualTo(PoolStatus.SUSPENDED);
      assertThat(managed.bean().getSuggestedAction()).contains("resume");
      assertThatThrownBy(() -> managed.pool.function("faulty:pid").call())
          .isInstanceOf(PoolSuspendedException.class);

      managed.bean().resume();
      assertThat(managed.bean().getStatus()).isEqualTo(PoolStatus.OK);
      assertThat(managed.pool.function("faulty:add").args(2, 3).call(Integer.class)).isEqualTo(5);
    }
  }

  @Test
  void suspendsAndTellsWhenTheLastCallHasEnded() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().build())) {
      CompletableFuture<Object> running =
          managed.pool.function("faulty:sleep").args(60).callAsync(Object.class);
      while (managed.bean().getRunningCalls().isEmpty()) {
        managed.bean().resume(); // A round trip that forgets the cached moment.
      }

      String tooShort = managed.bean().suspendAndWait(1);
      managed.await(
          "serpentry.operation",
          text -> text.equals(tooShort + ": FAILED: 1 calls still ran after PT1S"));
      String patient = managed.bean().suspendAndWait(60);
      assertThat(managed.bean().getStatus()).isEqualTo(PoolStatus.SUSPENDED);
      running.cancel(true);
      managed.await("serpentry.operation", text -> text.equals(patient + ": DONE"));

      assertThatThrownBy(() -> managed.pool.function("faulty:pid").call())
          .isInstanceOf(PoolSuspendedException.class);
    }
  }

  @Test
  void dumpsThePythonStacksOfEveryWorkerAndNamesOneThatIsStopped() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().size(2).maxSize(2).build())) {
      CompletableFuture<Object> running =
          managed.pool.function("faulty:sleep").args(60).callAsync(Object.class);
      while (managed.bean().getRunningCalls().isEmpty()) {
        managed.bean().resume();
      }
      int busy = managed.bean().getRunningCalls().get(0).slot();
      int idle = managed.worker(1 - busy).getPid();

      String both = managed.bean().dumpPythonStacks();
      while (!both.contains("faulty.py")) { // The call is on its way, but Python has not begun it.
        both = managed.bean().dumpPythonStacks();
      }
      assertThat(both).contains("test/0", "test/1");
      assertThat(running).as("a dump disturbs no call").isNotDone();

      Processes.signal("STOP", idle);
      String one = managed.bean().dumpPythonStacks();
      Processes.signal("CONT", idle);
      assertThat(one).contains("faulty.py").containsOnlyOnce("No answer within 700 ms");
    }
  }

  @Test
  void countsCallsByTheirOutcomeAndTheLaddersRungs() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().build())) {
      managed.pool.function("faulty:echo").args(1).call();
      assertThatThrownBy(() -> managed.pool.function("faulty:fail").call())
          .isInstanceOf(PythonCallException.class);
      assertThatThrownBy(
              () ->
                  managed
                      .pool
                      .function("faulty:sleep")
                      .args(60)
                      .timeout(java.time.Duration.ofMillis(100))
                      .call())
          .isInstanceOf(CallTimeoutException.class);

      managed.await("serpentry.call.ladder", text -> text.contains("cancel"));
      managed.bean().resume(); // forgets the cached moment
      PythonPoolMXBean bean = managed.bean();
      assertThat(bean.getCallsSucceeded()).isEqualTo(1);
      assertThat(bean.getCallsFailedInPython()).isEqualTo(1);
      assertThat(bean.getCallsTimedOut()).isEqualTo(1);
      assertThat(bean.getLadderCancels()).isEqualTo(1);
      assertThat(bean.getLadderKills()).isZero();
      assertThat(bean.getLauncherPid()).isPositive();
    }
  }

  @Test
  void showsTheRunningCallOnPoolAndWorkerAndThatNoWorkerIsLeft() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().build())) {
      CompletableFuture<Object> running =
          managed.pool.function("faulty:sleep").args(60).callAsync(Object.class);
      CompletableFuture<Object> waiting =
          managed.pool.function("faulty:echo").args(1).callAsync(Object.class);
      while (managed.bean().getRunningCalls().isEmpty() || managed.bean().getCallsWaiting() == 0) {
        managed.bean().resume(); // A round trip that forgets the cached moment.
      }

      assertThat(managed.bean().getRunningCalls()).hasSize(1);
      PythonPoolMXBean.RunningCall call = managed.bean().getRunningCalls().get(0);
      assertThat(call.function()).isEqualTo("faulty:sleep");
      assertThat(call.slot()).isZero();
      assertThat(call.pid()).isEqualTo(managed.worker(0).getPid());
      assertThat(managed.worker(0).getState()).isEqualTo("BUSY");
      assertThat(managed.worker(0).getCurrentFunction()).isEqualTo("faulty:sleep");
      assertThat(managed.worker(0).getCurrentRequestId()).isEqualTo(call.request());
      assertThat(managed.bean().getStatus()).isEqualTo(PoolStatus.EXHAUSTED);
      assertThat(managed.bean().getStatusReason()).contains("1 calls wait");
      managed.await("serpentry.pool.status", text -> text.startsWith("EXHAUSTED"));

      running.cancel(true);
      assertThat(waiting.get(ManagedPool.SECONDS, TimeUnit.SECONDS)).hasToString("1");
      managed.await("serpentry.pool.status", text -> text.startsWith("OK"));
    }
  }

  @Test
  void aSlotKeepsItsBeanWhileItIsEmptyAndWhenItsWorkerIsKilled() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().start(StartMode.LAZY).build())) {
      PythonWorkerMXBean worker = managed.worker(0);
      assertThat(worker.getState()).isEqualTo("EMPTY");
      assertThat(worker.getPid()).isZero();
      assertThat(managed.bean().getStatus()).isEqualTo(PoolStatus.OK);

      int first = managed.pool.function("faulty:pid").call(Integer.class);
      managed.bean().resume(); // forgets the cached moment
      assertThat(worker.getPid()).isEqualTo(first);
      assertThat(worker.getPythonVersion()).startsWith("3.");
      assertThat(worker.getRequestsServed()).isEqualTo(1);
      managed.beans.clear();

      managed.bean().killWorker(0);
      managed.await("serpentry.worker.exit", text -> text.contains("SIGKILL"));
      int second = managed.pool.function("faulty:pid").call(Integer.class);
      managed.await("serpentry.worker.replaced", text -> text.contains("pid " + second));

      managed.bean().resume();
      assertThat(second).isNotEqualTo(first);
      assertThat(worker.getPid()).isEqualTo(second);
      assertThat(worker.getRestarts()).isEqualTo(1);
      assertThat(worker.getLastExit()).isEqualTo("signal SIGKILL");
      assertThat(worker.getHistory())
          .extracting(PythonWorkerMXBean.StateChange::to)
          .containsExactly("READY", "TERMINATED", "TERMINATING", "READY");
      assertThat(managed.beans).as("registrations since the kill").isEmpty();
      assertThat(managed.bean().getRecentEvents())
          .extracting(PythonPoolMXBean.Event::kind)
          .contains("operation", "worker.exit", "worker.replaced", "worker.state");
    }
  }

  @Test
  void showsWhatWasDecidedAboutAFailureAndRenewsWorkersAndCode() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().build())) {
      managed.bean().killWorker(0);
      managed.await("serpentry.worker.recovery", text -> text.contains("SIGKILL"));
      managed.await("serpentry.worker.replaced", text -> true);
      managed.bean().resume(); // forgets the cached moment
      assertThat(managed.bean().getRecoveryDecisions().get(0).slot()).isZero();
      assertThat(managed.bean().getRecoveryDecisions().get(0).action()).isEqualTo("REMOVE");
      assertThat(managed.bean().getCrashBreakerState()).isEqualTo("CLOSED");

      String recycled = managed.bean().recycleWorkersOneByOne();
      managed.await("serpentry.worker.recycled", text -> text.contains("operator"));
      managed.await("serpentry.operation", text -> text.startsWith(recycled + ": DONE"));
      String reloaded = managed.bean().reloadCode();
      managed.await("serpentry.operation", text -> text.startsWith(reloaded + ": "));
      managed.bean().resetCircuitBreaker();
      assertThat(managed.bean().getWorkersRecycled()).containsKey("operator");
      assertThat(managed.worker(0).getProbesFailed()).isZero();
    }
  }

  @Test
  void refusalsNameWhatWasWrongInTypesThatAnyConsoleHas() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().build())) {
      assertThatThrownBy(() -> managed.bean().resize(0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not 0");
      assertThatThrownBy(() -> managed.bean().recycleWorker(7))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("slot 7")
          .hasNoCause();

      managed.pool.close();
      assertThat(managed.bean().getStatus()).isEqualTo(PoolStatus.CLOSED);
      assertThatThrownBy(() -> managed.bean().resize(2))
          .isInstanceOf(IllegalStateException.class)
          .hasNoCause();
    }
  }
}
