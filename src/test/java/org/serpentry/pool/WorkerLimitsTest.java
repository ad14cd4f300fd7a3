// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.config.LifeConfigBuilder;
import org.serpentry.config.PoolConfig;

@Tag("core-pool")
@Tag("layer-1")
class WorkerLimitsTest {

  private static final RandomGenerator HALF =
      new RandomGenerator() {
        @Override
        public long nextLong() {
          return 1L << 63;
        }
      };

  private static PoolConfig config(Consumer<LifeConfigBuilder> life) {
    return TestPools.config().idleTimeout(Duration.ofSeconds(100)).life(life).build();
  }

  private static WorkerLimits half(int jitter) {
    return WorkerLimits.draw(
        config(
            l ->
                l.maxRequests(1_000)
                    .maxAge(Duration.ofSeconds(10))
                    .maxRss(200L << 20)
                    .recycleJitter(jitter)),
        HALF);
  }

  @Test
  void lowersEachLimitByItsPartOfTheJitter() {
    assertThat(half(20))
        .isEqualTo(
            new WorkerLimits(
                900, TimeUnit.SECONDS.toNanos(9), 180L << 20, TimeUnit.SECONDS.toNanos(90)));
    assertThat(half(0))
        .isEqualTo(
            new WorkerLimits(
                1_000, TimeUnit.SECONDS.toNanos(10), 200L << 20, TimeUnit.SECONDS.toNanos(100)));
  }

  @Test
  void givesWorkersBornTogetherDifferentLimitsWithinTheJitter() {
    PoolConfig config = config(l -> l.maxRequests(10_000).recycleJitter(10));
    Random random = new Random(7);
    Set<Long> limits = new HashSet<>();
    for (int worker = 0; worker < 64; worker++) {
      limits.add(WorkerLimits.draw(config, random).requests());
    }
    assertThat(limits).hasSizeGreaterThan(50).allMatch(l -> l > 9_000 && l <= 10_000);
  }

  @Test
  void neverLowersALimitToNoneAndKeepsNone() {
    assertThat(WorkerLimits.draw(config(l -> l.maxRequests(1).recycleJitter(90)), HALF).requests())
        .isEqualTo(1);
    WorkerLimits none = WorkerLimits.draw(config(l -> {}), HALF);
    assertThat(none.reached(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE)).isNull();
  }

  @Test
  void namesTheLimitThatIsReachedAndItsValue() {
    WorkerLimits limits = half(20);
    assertThat(limits.reached(899, TimeUnit.SECONDS.toNanos(8), 100L << 20)).isNull();
    assertThat(limits.reached(900, 0, 0)).hasToString("max-requests: 900 of 900");
    assertThat(limits.reached(0, TimeUnit.SECONDS.toNanos(11), 0))
        .hasToString("max-age: 11.0s of 9.0s");
    assertThat(limits.reached(0, 0, 190L << 20)).hasToString("max-rss: 190.0MiB of 180.0MiB");
  }

  @Test
  void countsAsUnusedFromTheLastLookThatSawItInUse() {
    Tenure tenure = new Tenure(half(0), 1_000);
    assertThat(tenure.unused(0, 0, 1_500)).isEqualTo(500);
    assertThat(tenure.unused(0, 1, 2_000)).isZero();
    assertThat(tenure.unused(0, 1, 2_400)).isEqualTo(400);
    assertThat(tenure.unused(7, 1, 3_000)).as("a call just begun").isEqualTo(1_000);
    assertThat(tenure.unused(7, 1, 3_100)).as("a long call").isZero();
    assertThat(tenure.unused(8, 1, 3_200)).as("a probe").isEqualTo(100);
    assertThat(tenure.age(3_100)).isEqualTo(2_100);
  }

  @Test
  void readsTheResidentMemoryOfAProcess(@TempDir Path proc) throws IOException {
    Files.createDirectories(proc.resolve("42"));
    Files.writeString(proc.resolve("42/statm"), "9000 512 100 1 0 300 0\n");
    ProcessMemory without = new ProcessMemory(proc);
    assertThat(without.resident(42)).isEqualTo(512 * 4096L);
    assertThat(without.resident(43)).isZero();
    ProcessMemory real = new ProcessMemory(Path.of("/proc"));
    assertThat(real.resident((int) ProcessHandle.current().pid())).isBetween(16L << 20, 16L << 30);
  }
}
