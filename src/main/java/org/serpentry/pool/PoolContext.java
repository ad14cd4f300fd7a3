// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.file.Path;
import java.time.Clock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.serpentry.attachment.SharedMemory;
import org.serpentry.config.LiveConfig;
import org.serpentry.config.PoolConfig;
import org.serpentry.environment.CodeSnapshot;
import org.serpentry.environment.CodeSource;
import org.serpentry.spi.Codec;
import org.serpentry.spi.WorkerLauncher;
import org.serpentry.telemetry.Listeners;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.Launcher;
import org.serpentry.worker.Run;

/**
 * What the parts of one pool share.
 *
 * @param live its settings, which may change
 * @param python the Python that it runs
 * @param codec its JSON codec
 * @param starter starts its launcher
 * @param listeners hear what happens in it
 * @param reactor its control thread
 * @param clock stamps histories
 * @param nanoTime measures time
 * @param random draws jitter; used on the control thread only
 * @param runDirectory its private directory, mode 0700
 * @param token the run's secret
 * @param launcherWatch how its launcher is watched
 * @param code where its code comes from when it is reloaded
 * @param firstCode the code that it starts with
 * @param chores does what may block
 * @param memory what it shares with its workers
 * @param run what its processes are known by when it is gone
 * @param sessions where its sessions are kept
 */
record PoolContext(
    LiveConfig live,
    PythonSetup python,
    Codec codec,
    WorkerLauncher starter,
    Listeners listeners,
    Reactor reactor,
    Clock clock,
    LongSupplier nanoTime,
    RandomGenerator random,
    Path runDirectory,
    String token,
    Launcher.Watch launcherWatch,
    CodeSource code,
    CodeSnapshot firstCode,
    Chores chores,
    SharedMemory memory,
    Run run,
    SessionSetup sessions) {

  /** Its settings as they are now; who keeps them misses changes. */
  PoolConfig config() {
    return live.now();
  }

  @Override
  public String toString() {
    return "PoolContext[" + config().name() + "]";
  }
}
