// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import org.serpentry.worker.Launcher;

/** Has a pool watch its launcher closely, for tests that stop launchers. */
public final class CloseWatch {

  private CloseWatch() {}

  /** A ping every 200 ms; a launcher silent for 2 s is lost. */
  public static PoolBuilder on(PoolBuilder builder) {
    return builder.launcherWatch(new Launcher.Watch(200, 2_000));
  }
}
