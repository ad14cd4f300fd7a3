// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.Notification;
import javax.management.ObjectName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.WorkerStartException;
import org.serpentry.config.OperationPolicy;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.StartMode;
import org.serpentry.fallback.Cascade;
import org.serpentry.mock.MockPool;
import org.serpentry.mock.MockScript;
import org.serpentry.pool.TestPools;
import org.serpentry.pool.WorkerPool;

/** What an operator sees while something else answers in a pool's place. */
@Tag("core-pool")
@Tag("layer-3")
class FallbackBeanTest {

  private static final PoolConfig HOPELESS =
      TestPools.config()
          .start(StartMode.BACKGROUND)
          .preload(List.of("no_such_module_at_all"))
          .restartBackoffMin(Duration.ofMillis(1))
          .restartBackoffMax(Duration.ofMillis(50))
          .services(s -> s.fallback("single", "mock").fallbackHold(Duration.ofMinutes(5)))
          .build();

  @Test
  void theBeanSaysWhoAnswersWhySinceWhenAndHowOften() throws Exception {
    try (ManagedPool managed = new ManagedPool(HOPELESS);
        Cascade cascade =
            Cascade.over(
                managed.pool,
                managed.pool,
                () -> {
                  throw new WorkerStartException(
                      ErrorContext.ofPool("test"), "no memory", List.of(), null);
                },
                () -> MockPool.of(HOPELESS, new MockScript().invent()),
                ForkJoinPool::commonPool)) {
      WorkerPool.function(cascade, "m:f").call(String.class);
      WorkerPool.function(cascade, "m:f").call(String.class);

      Notification fall =
          managed.await("serpentry.pool.service", text -> text.startsWith("SINGLE -> MOCK"));
      assertThat(fall.getMessage()).contains("no memory");
      PythonPoolMXBean bean = managed.bean();
      assertThat(bean.getServedBy()).isEqualTo("MOCK");
      assertThat(bean.getServedByReason()).contains("no memory");
      assertThat(bean.getServedBySince()).endsWith("Z");
      assertThat(bean.getFallbackFalls()).isEqualTo(2);
      assertThat(bean.getFallbackReturns()).isZero();
      assertThat(bean.getCallsAnsweredBy()).isEqualTo(Map.of("POOL", 0L, "SINGLE", 0L, "MOCK", 2L));
      assertThat(bean.getStatus()).isEqualTo(PoolStatus.DEGRADED);
      assertThat(bean.getStatusReason()).contains("a mock answers in its place", "no memory");
    }
  }

  @Test
  void aPoolThatRunsNoPythonHasABeanThatSaysSoUntilTheEnd() throws Exception {
    MBeanServer server = MBeanServerFactory.newMBeanServer();
    ObjectName name = new ObjectName("serpentry:application=shop,pool=mocked");
    MockPool mocked = MockPool.named("mocked");
    try (ManagementRegistrar registrar =
        ManagementRegistrar.open(server, "shop", "", "", OperationPolicy.ALL)) {
      registrar.register("mocked", "mock (by CONFIGURATION)", mocked::service);

      AdaptedPoolMXBean bean = JMX.newMXBeanProxy(server, name, AdaptedPoolMXBean.class);
      assertThat(bean.getServedBy()).isEqualTo("MOCK");
      assertThat(bean.getStatus()).isEqualTo(PoolStatus.DEGRADED);
      assertThat(bean.getStatusReason()).contains("mock (by CONFIGURATION)");
      mocked.close();
      assertThat(bean.getStatus()).isEqualTo(PoolStatus.CLOSED);
      assertThat(bean.getServedBy()).isEqualTo("NONE");
    }
    assertThat(server.isRegistered(name)).isFalse();
  }

  @Test
  void withoutFallbacksThePoolAnswersAndNothingIsCounted() throws Exception {
    try (ManagedPool managed = new ManagedPool(TestPools.config().build())) {
      managed.pool.function("faulty:add").args(2, 3).call();

      PythonPoolMXBean bean = managed.bean();
      assertThat(bean.getServedBy()).isEqualTo("POOL");
      assertThat(bean.getServedByReason()).isEmpty();
      assertThat(bean.getServedBySince()).isEmpty();
      assertThat(bean.getCallsAnsweredBy()).isEmpty();
      assertThat(bean.getStatus()).isEqualTo(PoolStatus.OK);
    }
  }
}
