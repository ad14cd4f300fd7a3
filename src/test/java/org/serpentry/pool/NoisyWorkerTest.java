// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.serpentry.api.RequestTooLargeException;
import org.serpentry.api.ResultTooLargeException;
import org.serpentry.testing.PoolWatcher;

/** Output in any amount and messages of any size disturb no call. */
@Tag("core-pool")
@Tag("layer-2")
class NoisyWorkerTest {

  private static final int STORM = 10_000_000;
  private static final int LARGE = 20_000_000;

  private static WatchedPool pool;

  @BeforeAll
  static void start() {
    pool = WatchedPool.start(2, c -> c);
  }

  @AfterAll
  static void stop() {
    pool.close();
  }

  @Test
  void servesCallsThroughAStormOfPrintsOnEveryWorker() {
    var pids = pool.assertWhole();
    CompletableFuture<Integer> storm =
        pool.function("faulty:print_storm").args(STORM).callAsync(Integer.class);
    List<Integer> sums = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      sums.add(pool.function("faulty:add").args(i, 1).call(Integer.class));
    }
    assertThat(sums).hasSize(200).first().isEqualTo(1);
    assertThat(sums).last().isEqualTo(200);
    assertThat(storm.join()).isEqualTo(STORM / 100);
    assertThat(pool.assertWhole()).isEqualTo(pids);
    long told =
        pool.watcher().all(PoolWatcher.Printed.class).stream()
                .mapToLong(p -> p.lines().size())
                .sum()
            + pool.watcher().all(PoolWatcher.Dropped.class).stream()
                .mapToLong(PoolWatcher.Dropped::lines)
                .sum();
    assertThat(told).isPositive();
  }

  @ParameterizedTest
  @CsvSource({"1, stdout", "2, stderr"})
  void keepsWhatProcessesWriteOffTheCallChannel(int descriptor, String stream) {
    String printed = "from a subprocess to " + descriptor;
    assertThat(
            pool.function("faulty:subprocess_writes")
                .args(descriptor, printed + "\n")
                .call(Integer.class))
        .isZero();
    String written = "past the streams to " + descriptor;
    pool.function("faulty:write_descriptor").args(descriptor, written + "\n").call();
    for (String text : List.of(printed, written)) {
      PoolWatcher.Printed output =
          pool.watcher().await(PoolWatcher.Printed.class, p -> p.lines().contains(text));
      assertThat(output.stream()).isEqualTo(stream);
      assertThat(output.worker().pool()).isEqualTo("test");
    }
    pool.assertWhole();
  }

  @Test
  void carriesLogRecordsWithTheirLevel() {
    pool.function("faulty:log").args("beware").call();
    var record =
        pool.watcher()
            .await(
                PoolWatcher.Logged.class,
                l -> l.records().stream().anyMatch(r -> "beware".equals(r.get("message"))))
            .records()
            .get(0);
    assertThat(((Number) record.get("level")).intValue()).isEqualTo(30);
  }

  @Test
  void carriesTwentyMegabytesBothWays() {
    String text = "0123456789".repeat(LARGE / 10);
    assertThat(pool.function("faulty:echo").args(text).call(String.class)).isEqualTo(text);
    assertThat(pool.function("faulty:echo").args(text).callAsync(String.class).join())
        .isEqualTo(text);
    pool.assertWhole();
  }

  @Test
  void refusesWhatExceedsTheFrameLimitBothWaysAndServesOn() {
    int limit = 64 * 1024;
    try (WatchedPool small = WatchedPool.start(1, c -> c.maxFrameSize(limit))) {
      var pids = small.assertWhole();
      assertThatExceptionOfType(RequestTooLargeException.class)
          .isThrownBy(() -> small.function("faulty:length").args("x".repeat(limit)).call())
          .withMessageContaining("max-frame-size")
          .withMessageContaining(Integer.toString(limit));
      assertThatExceptionOfType(ResultTooLargeException.class)
          .isThrownBy(() -> small.function("faulty:big").args(limit).call(String.class))
          .withMessageContaining(Integer.toString(limit));
      // Byte by byte across the border: each is either served or refused here, never by a worker.
      int served = 0;
      int refused = 0;
      for (int size = limit - 60; size < limit; size++) {
        try {
          assertThat(small.function("faulty:length").args("x".repeat(size)).call(Integer.class))
              .isEqualTo(size);
          served++;
        } catch (RequestTooLargeException e) {
          refused++;
        }
      }
      assertThat(served).isGreaterThan(10);
      assertThat(refused).isGreaterThan(10);
      served = 0;
      for (int size = limit - 30; size < limit; size++) {
        try {
          assertThat(small.function("faulty:big").args(size).call(String.class)).hasSize(size);
          served++;
        } catch (ResultTooLargeException e) {
          refused++;
        }
      }
      assertThat(served).isGreaterThan(10);
      assertThat(small.assertWhole()).isEqualTo(pids);
    }
  }
}
