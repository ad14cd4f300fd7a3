// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The proportional memory (PSS) of processes, which the kernel takes a quarter of a millisecond
 * each to count. So it is counted in the background, every ten seconds, and only while somebody has
 * asked within the last minute. {@link #tick} is for one thread, everything else for any.
 */
final class MemorySampler {

  private static final long STEP = TimeUnit.SECONDS.toNanos(10);
  private static final long INTEREST = TimeUnit.MINUTES.toNanos(1);

  private final Path proc;
  private final Supplier<Stream<Integer>> pids;
  private final LongSupplier nanoTime;
  private volatile long asked;
  private volatile Map<Integer, Long> bytes = Map.of();
  private long sampled;

  /**
   * A sampler.
   *
   * @param proc {@code /proc} but for tests
   * @param pids the processes that there are
   * @param nanoTime the clock
   */
  MemorySampler(Path proc, Supplier<Stream<Integer>> pids, LongSupplier nanoTime) {
    this.proc = proc;
    this.pids = pids;
    this.nanoTime = nanoTime;
    this.asked = nanoTime.getAsLong() - INTEREST;
    this.sampled = nanoTime.getAsLong() - STEP;
  }

  /** Samples, when it is time to. */
  void tick() {
    long now = nanoTime.getAsLong();
    if (now - asked >= INTEREST || now - sampled < STEP) {
      return;
    }
    sampled = now;
    Map<Integer, Long> found = new TreeMap<>();
    pids.get().forEach(pid -> found.put(pid, read(pid)));
    bytes = found;
  }

  private long read(int pid) {
    Path file = proc.resolve(Integer.toString(pid)).resolve("smaps_rollup");
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith("Pss:"))
          .mapToLong(MemorySampler::kibibytes)
          .findFirst()
          .orElse(0);
    } catch (IOException | UncheckedIOException e) {
      return 0; // It has ended, or runs as another user.
    }
  }

  private static long kibibytes(String line) {
    String number = line.replaceAll("[^0-9]", "");
    return number.isEmpty() ? 0 : Long.parseLong(number) * 1024;
  }

  /** Of one process, in bytes; 0 before the first sample and for one that cannot be read. */
  long of(int pid) {
    asked = nanoTime.getAsLong();
    return bytes.getOrDefault(pid, 0L);
  }

  /** Of all, in bytes. */
  long total() {
    asked = nanoTime.getAsLong();
    return bytes.values().stream().mapToLong(Long::longValue).sum();
  }
}
