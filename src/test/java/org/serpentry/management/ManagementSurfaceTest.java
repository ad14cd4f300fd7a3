// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.management.MBeanFeatureInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.NotificationBroadcasterSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.config.OperationPolicy;
import org.serpentry.dspy.DspyProgramsMXBean;
import org.serpentry.pool.TestPools;
import org.serpentry.pool.WorkerPool;

/** Operators script against these beans: what consoles see changes only on purpose. */
@Tag("layer-2")
class ManagementSurfaceTest {
  private static final String COMMAND =
      "mvn test -Dtest=ManagementSurfaceTest -Dserpentry.regenerate=true";
  private static final Path GOLDEN =
      Path.of("src", "test", "resources", "org", "serpentry", "management");

  private static final Pattern MEASURED =
      Pattern.compile("(.*(Millis|Micros|Nanos|Bytes|Seconds|Percent))|seconds");

  private static final Gate GATE = new Gate(OperationPolicy.ALL, "test");

  @Test
  void thePoolsSurfaceIsTheCommittedOne() throws IOException {
    assertCurrent(GOLDEN.resolve("PythonPoolMXBean.txt"), ManagementDocs.golden(poolInfo()));
  }

  @Test
  void theWorkersSurfaceIsTheCommittedOne() throws IOException {
    assertCurrent(GOLDEN.resolve("PythonWorkerMXBean.txt"), ManagementDocs.golden(workerInfo()));
  }

  @Test
  void theSettingsSurfaceIsTheCommittedOne() throws IOException {
    assertCurrent(
        GOLDEN.resolve("PoolSettingsMXBean.txt"),
        ManagementDocs.golden(component(PoolSettingsMXBean.class)));
  }

  @Test
  void theBreakersSurfaceIsTheCommittedOne() throws IOException {
    assertCurrent(
        GOLDEN.resolve("PoolCircuitsMXBean.txt"),
        ManagementDocs.golden(component(PoolCircuitsMXBean.class)));
  }

  @Test
  void theSurfaceOfAPoolWithoutPythonIsTheCommittedOne() throws IOException {
    assertCurrent(
        GOLDEN.resolve("AdaptedPoolMXBean.txt"),
        ManagementDocs.golden(component(AdaptedPoolMXBean.class)));
  }

  @Test
  void theProgramsSurfaceIsTheCommittedOne() throws IOException {
    assertCurrent(
        GOLDEN.resolve("DspyProgramsMXBean.txt"),
        ManagementDocs.golden(component(DspyProgramsMXBean.class)));
  }

  @Test
  void whatIsMeasuredInAUnitSaysSoWhereConsolesLook() {
    Set<String> without = new TreeSet<>();
    Set<String> units = new TreeSet<>();
    for (MBeanInfo info :
        List.of(
            poolInfo(),
            workerInfo(),
            component(PoolSettingsMXBean.class),
            component(PoolCircuitsMXBean.class),
            component(DspyProgramsMXBean.class),
            component(AdaptedPoolMXBean.class))) {
      List<MBeanFeatureInfo> features = new ArrayList<>(List.of(info.getAttributes()));
      for (MBeanOperationInfo operation : info.getOperations()) {
        features.addAll(List.of(operation.getSignature()));
      }
      for (MBeanFeatureInfo feature : features) {
        Object unit = feature.getDescriptor().getFieldValue("units");
        if (unit != null) {
          units.add(unit.toString());
        } else if (MEASURED.matcher(feature.getName()).matches()) {
          without.add(feature.getName());
        }
      }
    }
    assertThat(without).isEmpty();
    assertThat(units).containsExactly("bytes", "microseconds", "milliseconds", "seconds");
  }

  @Test
  void theDocumentationIsGeneratedFromTheBeans() throws IOException {
    assertCurrent(
        Path.of("docs", "jmx.md"),
        """
        <!-- Generated from the beans (org.serpentry.management): %s -->
        # JMX

        The tree is the thing itself: application, pool, worker. `<app>` is
        `serpentry.application-name`, else the application's name; a second live deployment of that
        name gets a suffix (`<app>@<module>`), and a warning says so. Names are quoted where they hold
        one of `, = : " * ? \\`. Inside an EAR, `module=<module>` follows the application.

        Attributes read within a tenth of a second show one moment, and reading them never holds up a
        call. Lists are `TabularData`. The unit of a number stands behind its type, and for consoles in
        the field `units` of its descriptor. Every operation, and every change of a setting, is recorded in
        the log category `serpentry.audit` with who did it, where the server tells that;
        `serpentry.management.operations` says what is let through: `all`, `safe` (only what the
        tables below call safe, and what has the impact INFO) or `none` (only the latter).

        Notifications come from the pool bean, of each kind at most %d at once and then %d a second;
        the rest is counted in `NotificationsSuppressed` and stands in `RecentEvents`. Their user data
        is a map of texts: `number` (as in `RecentEvents`), `slot` (-1: the pool), `worker`, and what
        belongs to the kind, such as `from`, `to`, `reason`, `request`.

        """
                .formatted(COMMAND, NotificationThrottle.BURST, NotificationThrottle.PER_SECOND)
            + ManagementDocs.markdown("`serpentry:application=<app>,pool=<pool>`", poolInfo())
            + ManagementDocs.markdown(
                "`serpentry:application=<app>,pool=<pool>,worker=<slot>`", workerInfo())
            + ManagementDocs.markdown(
                "`serpentry:application=<app>,pool=<pool>,component=Settings`",
                component(PoolSettingsMXBean.class))
            + ManagementDocs.markdown(
                "`serpentry:application=<app>,pool=<pool>,component=CircuitBreaker`",
                component(PoolCircuitsMXBean.class))
            + ManagementDocs.markdown(
                "`serpentry:application=<app>,pool=<pool>,component=DspyPrograms`",
                component(DspyProgramsMXBean.class))
            + ManagementDocs.markdown(
                "`serpentry:application=<app>,pool=<pool>`, where no Python runs",
                component(AdaptedPoolMXBean.class)));
  }

  private static MBeanInfo poolInfo() {
    try (WorkerPool pool = TestPools.start(TestPools.config().build());
        Housekeeping housekeeping = new Housekeeping("surface")) {
      Announcer announcer =
          new Announcer(
              Clock.systemUTC(),
              () -> new NotificationThrottle(System::nanoTime),
              housekeeping::run);
      PoolBean bean =
          new PoolBean(
              pool,
              SnapshotCache.of(pool),
              announcer,
              new OperationLog(Clock.systemUTC()),
              null,
              new Chatter(),
              housekeeping,
              () -> {});
      return new DescribedMBean(bean, PythonPoolMXBean.class, announcer.broadcaster(), GATE)
          .getMBeanInfo();
    }
  }

  /** Of a bean that is never asked for anything but its description. */
  private static <T> MBeanInfo component(Class<T> type) {
    T bean =
        type.cast(
            Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> {
                  throw new AssertionError("describing a bean must not call " + method);
                }));
    return new DescribedMBean(bean, type, new NotificationBroadcasterSupport(), GATE)
        .getMBeanInfo();
  }

  private static MBeanInfo workerInfo() {
    SnapshotCache none =
        new SnapshotCache(
            () -> {
              throw new AssertionError("describing a bean must not look at the pool");
            },
            () -> null,
            List::of,
            System::nanoTime);
    WorkerBean bean = new WorkerBean(0, none, null, Clock.systemUTC(), List.of());
    return new DescribedMBean(
            bean, PythonWorkerMXBean.class, new NotificationBroadcasterSupport(), GATE)
        .getMBeanInfo();
  }

  private static void assertCurrent(Path file, String text) throws IOException {
    if (Boolean.getBoolean("serpentry.regenerate")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    }
    assertThat(file).exists();
    assertThat(Files.readString(file))
        .as("%s differs from the beans; if that is meant, regenerate it: %s", file, COMMAND)
        .isEqualTo(text);
  }
}
