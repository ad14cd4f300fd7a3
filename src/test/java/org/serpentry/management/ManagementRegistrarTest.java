// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.serpentry.config.OperationPolicy;
import org.serpentry.config.PoolConfig;
import org.serpentry.pool.TestPools;
import org.serpentry.pool.WorkerPool;

/** Names of beans, and what happens to them when deployments come, clash and die. */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(120)
class ManagementRegistrarTest {
  /** Of a pool of one worker: the pool's, its worker's, the settings' and the circuits'. */
  private static final int BEANS = 4;

  private static final PoolConfig CONFIG = TestPools.config().build();

  private final MBeanServer server = MBeanServerFactory.newMBeanServer();

  /** A bean of a deployment whose classes cannot be used any more. */
  public interface Broken {
    /** Fails. */
    String getStatus();
  }

  private Set<ObjectName> names() {
    return server.queryNames(ManagedPool.name("serpentry:*"), null);
  }

  @Test
  void closingLeavesNeitherBeanNorThread() {
    try (WorkerPool pool = TestPools.start(CONFIG)) {
      ManagementRegistrar registrar =
          ManagementRegistrar.open(server, "leaver", "", "", OperationPolicy.ALL);
      registrar.register(pool);
      assertThat(names()).hasSize(BEANS);
      assertThat(managementThreads("leaver")).isEqualTo(1);

      registrar.close();

      assertThat(names()).isEmpty();
      assertThat(managementThreads("leaver")).isZero();
      assertThatThrownBy(() -> registrar.register(pool)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void whoLooksFromInsideSeesWhatTheBeansShow() {
    try (WorkerPool pool = TestPools.start(CONFIG);
        ManagementRegistrar registrar =
            ManagementRegistrar.open(server, "looker", "", "", OperationPolicy.NONE)) {
      assertThat(registrar.pools()).isEmpty();
      registrar.register(pool);

      assertThat(registrar.pools())
          .singleElement()
          .satisfies(
              beans -> {
                assertThat(beans.name()).isEqualTo("test");
                assertThat(beans.bean().getSize()).isEqualTo(1);
                assertThat(beans.workers().get())
                    .extracting(PythonWorkerMXBean::getSlot)
                    .containsExactly(0);
              });
    }
  }

  private static long managementThreads(String application) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("serpentry-" + application + "-management"))
        .count();
  }

  @Test
  void namesAreQuotedOnlyWhereTheyMustBe() {
    assertThat(new BeanNames("shop", "").worker("ml", 3))
        .hasToString("serpentry:application=shop,pool=ml,worker=3");
    assertThat(new BeanNames("a,b", "").pool("ml"))
        .hasToString("serpentry:application=\"a,b\",pool=ml");
    assertThat(new BeanNames("shop", "web").pool("ml"))
        .hasToString("serpentry:application=shop,module=web,pool=ml");
    assertThatThrownBy(() -> new BeanNames(" ", ""))
        .hasMessageContaining("serpentry.application-name");
  }

  @Test
  void aLiveNamesakeKeepsItsNameAndTheNewOneGetsASuffix() {
    try (WorkerPool first = TestPools.start(CONFIG);
        WorkerPool second = TestPools.start(CONFIG);
        ManagementRegistrar one =
            ManagementRegistrar.open(server, "shop", "", "web-1", OperationPolicy.ALL);
        ManagementRegistrar two =
            ManagementRegistrar.open(server, "shop", "", "web-2", OperationPolicy.ALL)) {
      one.register(first);
      two.register(second);

      assertThat(one.application()).isEqualTo("shop");
      assertThat(two.application()).isEqualTo("shop@web-2");
      assertThat(names())
          .contains(
              ManagedPool.name("serpentry:application=shop,pool=test,worker=0"),
              ManagedPool.name("serpentry:application=shop@web-2,pool=test,worker=0"));
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void theSuffixWithoutAModuleNameIsTheSameAtEveryStart() {
    try (WorkerPool first = TestPools.start(CONFIG);
        WorkerPool second = TestPools.start(CONFIG);
        ManagementRegistrar one =
            ManagementRegistrar.open(server, "shop", "", "", OperationPolicy.ALL)) {
      one.register(first);
      String name = suffixedName(second);

      assertThat(name).matches("shop@[0-9a-f]+").isEqualTo(suffixedName(second));
    }
  }

  private String suffixedName(WorkerPool pool) {
    try (ManagementRegistrar registrar =
        ManagementRegistrar.open(server, "shop", "", "", OperationPolicy.ALL)) {
      registrar.register(pool);
      return registrar.application();
    }
  }

  @Test
  void theBeansOfADeadDeploymentAreReplacedAndItsLateEndDoesNotHarmTheNewOnes() throws Exception {
    ManagementRegistrar dead =
        ManagementRegistrar.open(server, "shop", "", "", OperationPolicy.ALL);
    try (WorkerPool pool = TestPools.start(TestPools.config().size(2).maxSize(2).build())) {
      dead.register(pool);
    }
    try (WorkerPool pool = TestPools.start(CONFIG);
        ManagementRegistrar next =
            ManagementRegistrar.open(server, "shop", "", "", OperationPolicy.ALL)) {
      next.register(pool);

      assertThat(next.application()).isEqualTo("shop");
      ObjectName name = ManagedPool.name("serpentry:application=shop,pool=test");
      assertThat(server.getAttribute(name, "Status")).isEqualTo("OK");
      assertThat(names()).hasSize(BEANS);
      dead.close();
      assertThat(server.getAttribute(name, "Status")).isEqualTo("OK");
      assertThat(names()).hasSize(BEANS);
    }
  }

  @Test
  void aBeanThatCannotAnswerIsTakenForADeadOne() throws Exception {
    Broken broken =
        () -> {
          throw new NoClassDefFoundError("the class loader is closed");
        };
    ObjectName name = ManagedPool.name("serpentry:application=shop,pool=test");
    server.registerMBean(new StandardMBean(broken, Broken.class, false), name);
    try (WorkerPool pool = TestPools.start(CONFIG);
        ManagementRegistrar registrar =
            ManagementRegistrar.open(server, "shop", "", "", OperationPolicy.ALL)) {
      registrar.register(pool);

      assertThat(registrar.application()).isEqualTo("shop");
      assertThat(server.getAttribute(name, "Size")).isEqualTo(1);
    }
  }
}
