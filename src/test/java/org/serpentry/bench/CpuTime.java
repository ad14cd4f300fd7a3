// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** What this JVM and the processes below it have used of the processors. */
final class CpuTime {

  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private CpuTime() {}

  /** Nanoseconds; those of the processes below are counted in hundredths of a second. */
  static long nanos() {
    long below =
        ProcessHandle.current()
            .descendants()
            .mapToLong(
                process -> process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L))
            .sum();
    return SYSTEM.getProcessCpuTime() + below;
  }
}
