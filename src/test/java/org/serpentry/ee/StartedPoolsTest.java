// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.WorkerStartException;
import org.serpentry.config.StartMode;
import org.serpentry.pool.WatchedPool;
import org.serpentry.spi.PoolListener.PoolEvent;

/** Startup and liveness of a pool whose start fails in the background, and then heals. */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(120)
class StartedPoolsTest {
  @TempDir Path modules;

  @Test
  void aFailedStartIsDownAndUpOnceThePoolHasHealedByItselfButAliveAllTheTime() throws IOException {
    Path module = modules.resolve("healing_at_last.py");
    Files.writeString(module, "raise RuntimeError('broken at first')\n");
    StartedPools started = new StartedPools();
    try (WatchedPool pool =
        WatchedPool.start(
            1,
            c ->
                c.start(StartMode.BACKGROUND)
                    .preload(List.of("healing_at_last"))
                    .restartBackoffMin(Duration.ofMillis(50))
                    .restartBackoffMax(Duration.ofMillis(100)),
            modules)) {
      assertThatExceptionOfType(WorkerStartException.class)
          .isThrownBy(() -> pool.function("faulty:add").args(1, 2).call())
          .withMessageContaining("broken at first");
      ProbeFindings before = new ProbeFindings();
      started.judge(pool.pool(), before);
      assertThat(before.up()).isFalse();
      assertThat(before.data())
          .hasEntrySatisfying(
              "test.status", text -> assertThat(text).asString().contains("no worker"))
          .containsEntry("test.size", 1L);
      assertThat(alive(pool)).isTrue();

      Files.writeString(module, "");
      pool.watcher().await(PoolEvent.class, e -> e.text().contains("workers start again"));
      pool.assertWhole();

      ProbeFindings after = new ProbeFindings();
      started.judge(pool.pool(), after);
      assertThat(after.up()).isTrue();
      assertThat(after.data()).containsEntry("test.status", "started");
      assertThat(alive(pool)).isTrue();
      pool.pool().control().suspend();
      ProbeFindings suspended = new ProbeFindings();
      new StartedPools().judge(pool.pool(), suspended);
      assertThat(suspended.up()).as("another probe that has not seen it serve").isTrue();
    }
  }

  private static boolean alive(WatchedPool pool) {
    ProbeFindings findings = new ProbeFindings();
    findings.alive("test", pool.pool().operator().figures());
    return findings.up();
  }
}
