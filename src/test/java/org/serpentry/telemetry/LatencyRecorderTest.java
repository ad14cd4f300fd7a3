// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("layer-1")
class LatencyRecorderTest {
  private final LatencyRecorder recorder = new LatencyRecorder();
  private final LatencyHistory history = new LatencyHistory(recorder);

  @Test
  void everyBucketIsThreePercentExactAndTheyFollowEachOther() {
    int last = -1;
    for (long nanos = 1; nanos < TimeUnit.HOURS.toNanos(4); nanos += 1 + nanos / 50) {
      int bucket = LatencyRecorder.bucket(nanos);
      assertThat(bucket).isBetween(last, LatencyRecorder.BUCKETS - 1);
      assertThat(LatencyRecorder.middle(bucket)).isCloseTo(nanos, Percentage.withPercentage(3.2));
      last = bucket;
    }
  }

  @Test
  void whatIsOutOfRangeCountsAsItsNearestBound() {
    assertThat(LatencyRecorder.bucket(-5)).isZero();
    assertThat(LatencyRecorder.bucket(Long.MAX_VALUE)).isEqualTo(LatencyRecorder.BUCKETS - 1);
  }

  @Test
  void percentilesAreThoseOfWhatWasRecorded() {
    for (int micros = 1; micros <= 1_000; micros++) {
      recorder.record(TimeUnit.MICROSECONDS.toNanos(micros));
    }

    Latency all = history.sinceStart();

    assertThat(all.calls()).isEqualTo(1_000);
    assertThat(all.p50Micros()).isCloseTo(500, within(17L));
    assertThat(all.p95Micros()).isCloseTo(950, within(31L));
    assertThat(all.p99Micros()).isCloseTo(990, within(32L));
    assertThat(all.p999Micros()).isCloseTo(999, within(32L));
    assertThat(all.maxMicros()).isCloseTo(1_000, within(32L));
    assertThat(history.lastMinute()).isEqualTo(all);
  }

  @Test
  void withoutCallsThereIsNothingToTell() {
    assertThat(history.sinceStart()).isEqualTo(Latency.NONE);
    assertThat(history.lastMinute()).isEqualTo(Latency.NONE);
  }

  @Test
  void theLastMinuteForgetsWhatIsOlder() {
    recorder.record(TimeUnit.SECONDS.toNanos(5));
    for (int step = 0; step < 12; step++) {
      history.tick();
    }
    assertThat(history.lastMinute().calls()).as("sixty seconds later").isEqualTo(1);

    history.tick();
    recorder.record(TimeUnit.MILLISECONDS.toNanos(1));

    assertThat(history.lastMinute().calls()).isEqualTo(1);
    assertThat(history.lastMinute().maxMicros()).isLessThan(2_000);
    assertThat(history.sinceStart().calls()).isEqualTo(2);
  }

  @Test
  void aResetForgetsEverything() {
    recorder.record(5_000);
    history.tick();
    history.reset();

    assertThat(history.sinceStart()).isEqualTo(Latency.NONE);
    assertThat(history.lastMinute()).isEqualTo(Latency.NONE);
  }

  @Test
  void noCallOfManyThreadsIsLost() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Thread thread =
          new Thread(
              () -> {
                for (int call = 0; call < 10_000; call++) {
                  recorder.record(20_000);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(history.sinceStart().calls()).isEqualTo(80_000);
  }
}
