// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import javax.management.MBeanInfo;
import javax.management.NotificationBroadcasterSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.pool.TestPools;
import org.serpentry.pool.WorkerPool;

/** Operators script against these beans: what consoles see changes only on purpose. */
@Tag("layer-2")
class ManagementSurfaceTest {
  private static final String COMMAND =
      "mvn test -Dtest=ManagementSurfaceTest -Dserpentry.regenerate=true";
  private static final Path GOLDEN =
      Path.of("src", "test", "resources", "org", "serpentry", "management");

  @Test
  void thePoolsSurfaceIsTheCommittedOne() throws IOException {
    assertCurrent(GOLDEN.resolve("PythonPoolMXBean.txt"), ManagementDocs.golden(poolInfo()));
  }

  @Test
  void theWorkersSurfaceIsTheCommittedOne() throws IOException {
    assertCurrent(GOLDEN.resolve("PythonWorkerMXBean.txt"), ManagementDocs.golden(workerInfo()));
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
        call. Notifications come from the pool bean, at most %d at once and then %d a second; the
        rest is counted in `NotificationsSuppressed` and stands in `RecentEvents`. Their user data
        is a map with `slot` (-1: the pool) and `worker`.

        """
                .formatted(COMMAND, NotificationThrottle.BURST, NotificationThrottle.PER_SECOND)
            + ManagementDocs.markdown("`serpentry:application=<app>,pool=<pool>`", poolInfo())
            + ManagementDocs.markdown(
                "`serpentry:application=<app>,pool=<pool>,worker=<slot>`", workerInfo()));
  }

  private static MBeanInfo poolInfo() {
    try (WorkerPool pool = TestPools.start(TestPools.config().build());
        Housekeeping housekeeping = new Housekeeping("surface")) {
      Announcer announcer =
          new Announcer(
              Clock.systemUTC(), new NotificationThrottle(System::nanoTime), Runnable::run);
      SnapshotCache cache = new SnapshotCache(pool.control()::snapshot, System::nanoTime);
      PoolBean bean =
          new PoolBean(
              pool, cache, announcer, new OperationLog(Clock.systemUTC()), housekeeping, () -> {});
      return new DescribedMBean(bean, PythonPoolMXBean.class, announcer.broadcaster())
          .getMBeanInfo();
    }
  }

  private static MBeanInfo workerInfo() {
    SnapshotCache none =
        new SnapshotCache(
            () -> {
              throw new AssertionError("describing a bean must not look at the pool");
            },
            System::nanoTime);
    WorkerBean bean = new WorkerBean(0, none, Clock.systemUTC(), List.of());
    return new DescribedMBean(bean, PythonWorkerMXBean.class, new NotificationBroadcasterSupport())
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
