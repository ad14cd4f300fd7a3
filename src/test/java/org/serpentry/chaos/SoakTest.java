// SPDX-License-Identifier: Apache-2.0
package org.serpentry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonType;
import org.serpentry.pool.PoolSnapshot.Calls;
import org.serpentry.testing.Faults;
import org.serpentry.testing.TestPool;

/**
 * Many calls without any fault: not one fails, and neither process grows. Memory is looked at after
 * every tenth of the calls; the first two tenths are for warming up, after which the mean of the
 * last three may exceed the mean of the next three by no more than the tolerances. They are means
 * since a resident set moves by whole heap regions and arenas either way.
 */
@Tag("soak")
class SoakTest {

  private static final long CALLS = Long.getLong("soak.calls", 1_000_000);
  private static final int WORKERS = 2;
  private static final int THREADS = 4;
  private static final int TENTHS = 10;

  /** What the JVM holds after a collection; its caches fill a little longer than the warm-up. */
  private static final long HEAP_TOLERANCE = 4L << 20;

  /** Of the JVM, whose collector takes and gives back memory as it likes within its heap limit. */
  private static final long JVM_TOLERANCE = 48L << 20;

  /** Of all processes of the pool together. */
  private static final long PYTHON_TOLERANCE = 2L << 20;

  private static final PythonType<Map<String, Object>> OBJECT = new PythonType<>() {};

  private record Memory(long heap, long jvm, long python) {
    static Memory look(TestPool pool) throws IOException {
      System.gc();
      long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      long python = 0;
      for (ProcessHandle process : ProcessHandle.current().descendants().toList()) {
        python += resident(process.pid());
      }
      assertThat(pool.snapshot().workers()).hasSize(WORKERS);
      return new Memory(heap, resident(ProcessHandle.current().pid()), python);
    }

    private static long resident(long pid) throws IOException {
      for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
      return 0;
    }
  }

  @Test
  void neitherFailsNorGrowsInManyCalls() throws Exception {
    try (TestPool pool = TestPool.builder().size(WORKERS).rememberCalls(false).start()) {
      pool.awaitWhole();
      List<Memory> looks = new ArrayList<>();
      System.out.printf("soak: %d calls; MiB of heap in use, JVM, Python%n", CALLS);
      AtomicLong next = new AtomicLong();
      for (int tenth = 1; tenth <= TENTHS; tenth++) {
        long until = CALLS * tenth / TENTHS;
        long begin = System.nanoTime();
        callUntil(pool, next, until);
        double seconds = (System.nanoTime() - begin) / 1e9;
        Memory now = Memory.look(pool);
        looks.add(now);
        System.out.printf(
            "  %3d %%  %7.1f %7.1f %7.1f   %.0f calls/s%n",
            tenth * 10,
            now.heap() / 1048576.0,
            now.jvm() / 1048576.0,
            now.python() / 1048576.0,
            CALLS / (TENTHS * seconds));
      }
      Calls calls = pool.snapshot().calls();
      System.out.println("  " + calls);
      assertThat(calls.succeeded()).isGreaterThanOrEqualTo(CALLS);
      assertThat(List.of(calls.workerFailures(), calls.pythonErrors(), calls.timedOut()))
          .containsOnly(0L);
      assertThat(List.of(calls.checkoutTimeouts(), calls.rejected(), calls.retries()))
          .containsOnly(0L);
      assertThat(growth(looks.stream().map(Memory::heap).toList()))
          .as("growth of the heap in use, bytes")
          .isLessThanOrEqualTo(HEAP_TOLERANCE);
      assertThat(growth(looks.stream().map(Memory::jvm).toList()))
          .as("growth of the JVM's resident set, bytes")
          .isLessThanOrEqualTo(JVM_TOLERANCE);
      assertThat(growth(looks.stream().map(Memory::python).toList()))
          .as("growth of Python's resident sets, bytes")
          .isLessThanOrEqualTo(PYTHON_TOLERANCE);
    }
  }

  private static double growth(List<Long> looks) {
    double early = looks.subList(2, 5).stream().mapToLong(Long::longValue).average().orElseThrow();
    double last =
        looks.subList(TENTHS - 3, TENTHS).stream()
            .mapToLong(Long::longValue)
            .average()
            .orElseThrow();
    return last - early;
  }

  /** Every fourth call is asynchronous, every thousandth a large one. */
  private static void callUntil(TestPool pool, AtomicLong next, long until) {
    PythonFunction echo = pool.function(Faults.MODULE + ":token");
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      CompletableFuture<Void> end = new CompletableFuture<>();
      threads.add(end);
      new Thread(
              () -> {
                try {
                  for (long call = next.getAndIncrement();
                      call < until;
                      call = next.getAndIncrement()) {
                    String token = call % 1000 == 0 ? "x".repeat(200_000) : "call " + call;
                    PythonFunction request = echo.args(token);
                    Map<String, Object> answer =
                        call % 4 == 0 ? request.callAsync(OBJECT).join() : request.call(OBJECT);
                    assertThat(answer.get("token")).isEqualTo(token);
                  }
                  end.complete(null);
                } catch (RuntimeException | Error e) {
                  end.completeExceptionally(e);
                }
              })
          .start();
    }
    threads.forEach(CompletableFuture::join);
    next.set(until);
  }
}
