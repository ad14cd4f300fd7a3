// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.serpentry.pool.TestPools;
import org.serpentry.testing.Processes;

/**
 * What operates on a call, a session or a worker that is there, and what changes a setting, keeps
 * no console waiting for longer than a second either: while calls run that do not end, and a worker
 * is stopped.
 */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(120)
class TargetedOperationTimeTest {
  private static final long MOST_MILLIS = 1_000;

  /** The machine may be slow for a moment; what waits for something waits each time. */
  private static final int ATTEMPTS = 3;

  private static final ObjectName SETTINGS =
      ManagedPool.name("serpentry:application=shop,pool=test,component=Settings");

  private final List<CompletableFuture<Object>> endless = new ArrayList<>();
  private ManagedPool managed;
  private int stopped;

  /** An operation on the target of an attempt. */
  private interface Operation {
    void run(int attempt) throws JMException;
  }

  private static void assertPrompt(String what, Operation operation) throws JMException {
    long millis = Long.MAX_VALUE;
    for (int attempt = 0; attempt < ATTEMPTS && millis > MOST_MILLIS; attempt++) {
      long begin = System.nanoTime();
      operation.run(attempt);
      millis = Math.min(millis, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
    }
    assertThat(millis).as("milliseconds of %s", what).isLessThanOrEqualTo(MOST_MILLIS);
  }

  @BeforeEach
  void start() throws Exception {
    managed =
        new ManagedPool(
            TestPools.config()
                .size(ATTEMPTS + 1)
                .maxSize(ATTEMPTS + 1)
                .healthCheckInterval(Duration.ZERO)
                .cancelGrace(Duration.ofMillis(50))
                .termGrace(Duration.ofMillis(50))
                .shutdownTimeout(Duration.ZERO)
                .build());
    for (int i = 0; i < ATTEMPTS; i++) {
      managed.pool.session("s" + i).function("faulty:pid").call();
    }
    for (int i = 0; i < ATTEMPTS; i++) {
      endless.add(managed.pool.function("faulty:swallow").callAsync(Object.class));
    }
    while (managed.bean().getCallsRunning() < ATTEMPTS) {
      Thread.onSpinWait();
    }
    List<Integer> busy =
        managed.bean().getRunningCalls().stream().map(PythonPoolMXBean.RunningCall::slot).toList();
    while (busy.contains(stopped)) {
      stopped++;
    }
    Processes.signal("STOP", managed.worker(stopped).getPid());
  }

  @AfterEach
  void end() {
    endless.forEach(call -> call.cancel(true));
    managed.close();
  }

  private Object operate(String operation, Object argument, String type) throws JMException {
    return managed.server.invoke(
        managed.poolName(), operation, new Object[] {argument}, new String[] {type});
  }

  @Test
  void whatHasATargetKeepsNoConsoleWaiting() throws Exception {
    assertPrompt(
        "endSession",
        i -> assertThat(operate("endSession", "s" + i, "java.lang.String")).isEqualTo(true));
    List<Long> calls =
        managed.bean().getRunningCalls().stream()
            .map(PythonPoolMXBean.RunningCall::request)
            .toList();
    assertPrompt(
        "cancelCall",
        i ->
            assertThat(operate("cancelCall", calls.get(i), "long").toString()).contains("SIGKILL"));
    operate("killWorker", stopped, "int");
  }

  @Test
  void noSettingKeepsAConsoleWaiting() throws Exception {
    for (MBeanAttributeInfo attribute : managed.server.getMBeanInfo(SETTINGS).getAttributes()) {
      if (attribute.isWritable()) {
        Object value = managed.server.getAttribute(SETTINGS, attribute.getName());
        assertPrompt(
            attribute.getName(),
            i -> managed.server.setAttribute(SETTINGS, new Attribute(attribute.getName(), value)));
      }
    }
    assertPrompt("size", i -> change("size", Integer.toString(ATTEMPTS + 2 + i)));
    assertPrompt("calls-per-worker", i -> change("calls-per-worker", Integer.toString(2 + i)));
    String interpreter = managed.pool.config().interpreter();
    assertPrompt("interpreter", i -> change("interpreter", interpreter));
  }

  private void change(String key, String value) throws JMException {
    String type = String.class.getName();
    managed.server.invoke(SETTINGS, "change", new Object[] {key, value}, new String[] {type, type});
  }
}
