// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.NdArray;
import org.serpentry.api.ProtocolException;
import org.serpentry.api.PythonType;
import org.serpentry.config.AttachmentConfigBuilder;
import org.serpentry.pool.PoolMemory;
import org.serpentry.testing.Fault;
import org.serpentry.testing.Moment;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.testing.Processes;
import org.serpentry.testing.TestPool;

/** What goes wrong with shared memory, with real workers: every call ends, and nothing is left. */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(120)
class SharedMemoryFaultTest {

  private static final int LARGE = 300_000;

  /** Nobody can make a file there, root included. */
  private static final Path READ_ONLY = Path.of("/proc/sys");

  @TempDir private Path temporary;
  private TestPool pool;
  private SharedMemory memory;

  private TestPool start(Path directory, long budget) {
    pool =
        TestPool.builder()
            .modules(Path.of("python/tests/modules").toAbsolutePath())
            .settings(
                config ->
                    config
                        .healthCheckInterval(Duration.ofMinutes(5))
                        .attachments(a -> sharing(a, directory, budget)))
            .start();
    memory = PoolMemory.of(pool.pool());
    return pool;
  }

  private static void sharing(AttachmentConfigBuilder a, Path directory, long budget) {
    a.attachmentThreshold(4096).sharedMemory(budget).sharedMemoryDirectory(directory);
  }

  @AfterEach
  void closeAndFindNothingLeft() throws IOException {
    pool.close();
    assertThat(memory.used()).as("bytes in use").isZero();
    if (Files.isDirectory(temporary)) {
      assertThat(names()).isEmpty();
    }
  }

  private List<Path> names() throws IOException {
    try (Stream<Path> files = Files.list(temporary)) {
      return files.toList();
    }
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i * 31 + size);
    }
    return bytes;
  }

  private void echoes(int size) {
    byte[] sent = bytes(size);
    assertThat(pool.function("binary:echo").arg("x", sent).call(byte[].class)).isEqualTo(sent);
  }

  private long mappings() {
    return pool.function("binary:mappings").call(Long.class);
  }

  @Test
  void aDirectoryThatCannotBeWrittenMeansTheSocketAndIsSaidOnce() {
    start(READ_ONLY, 8 << 20);
    for (int i = 0; i < 3; i++) {
      echoes(LARGE);
    }
    assertThat(mappings()).isZero();
    assertThat(memory.warnings())
        .singleElement()
        .asString()
        .contains("by the socket", READ_ONLY.toString());
  }

  @Test
  void aDirectoryThatGoesAwayMeansTheSocketAndIsSaidOnce() throws IOException {
    Path directory = Files.createDirectory(temporary.resolve("gone"));
    start(directory, 8 << 20);
    Files.delete(directory);
    for (int i = 0; i < 3; i++) {
      echoes(LARGE);
    }
    assertThat(mappings()).isZero();
    assertThat(memory.warnings()).singleElement().asString().contains("NoSuchFileException");
  }

  @Test
  void anotherDirectoryHoldsForTheWorkersThatAreBornThen() throws IOException {
    Path first = Files.createDirectory(temporary.resolve("first"));
    Path second = Files.createDirectory(temporary.resolve("second"));
    start(first, 8 << 20);
    echoes(LARGE);
    assertThat(mappings()).isEqualTo(2);
    pool.pool().operator().change("shared-memory-directory", second.toString(), "test");
    echoes(2 * LARGE);
    assertThat(mappings()).as("the worker's own directory is the first").isGreaterThan(2);
    Files.delete(first);
    pool.pool().control().recycleWorkersOneByOne().join();
    echoes(LARGE);
    assertThat(mappings()).isEqualTo(2);
    assertThat(memory.warnings()).isEmpty();
    pool.pool().operator().change("shared-memory-directory", first.toString(), "test");
    assertThat(memory.shortage()).contains("by the socket", first.toString());
    pool.pool().operator().change("shared-memory-directory", second.toString(), "test");
    assertThat(memory.shortage()).isEmpty();
    Files.delete(second);
  }

  @Test
  void aFullFileSystemMeansTheSocketForResultsAndIsSaidOnce() {
    start(temporary, 8 << 20);
    pool.function("binary:fill_disk").args(65_536).call();
    int mark = pool.watcher().mark();
    for (int i = 0; i < 3; i++) {
      echoes(LARGE);
    }
    assertThat(mappings()).as("that of the arguments").isEqualTo(1);
    PoolWatcher.Logged told =
        pool.watcher()
            .awaitAfter(
                mark,
                PoolWatcher.Logged.class,
                logged -> logged.records().toString().contains("no shared memory"));
    assertThat(told.records()).hasSize(1);
    echoes(60_000);
    assertThat(mappings()).as("what still fits").isEqualTo(2);
  }

  @Test
  void aUsedUpBudgetMeansTheSocketAndIsSaidOnce() {
    start(temporary, 1 << 20);
    for (int i = 0; i < 3; i++) {
      echoes(700_000);
    }
    assertThat(mappings()).isZero();
    assertThat(memory.warnings())
        .singleElement()
        .asString()
        .contains("shared-memory", "720896 are needed");
    echoes(60_000);
    assertThat(mappings()).isEqualTo(2);
  }

  @Test
  void aTruncatedResultIsATypedErrorAndTheNextOneArrives() throws IOException {
    start(temporary, 8 << 20);
    pool.function("binary:announce_too_much").call();
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> pool.function("binary:make").args(LARGE).call(NdArray.class))
        .withMessageContainingAll("327680 bytes", "655360 were announced");
    assertThat(names()).isEmpty();
    for (int i = 0; i < 3; i++) {
      assertThat(pool.function("binary:make").args(LARGE).call(byte[].class)).hasSize(LARGE);
    }
    assertThat(mappings()).as("the truncated one has been given up").isEqualTo(1);
  }

  @Test
  void truncatedResultsDoNotUseUpTheBudget() {
    start(temporary, 2 << 20);
    pool.function("binary:announce_too_much").arg("once", false).call();
    for (int i = 0; i < 10; i++) {
      assertThatExceptionOfType(ProtocolException.class)
          .isThrownBy(() -> pool.function("binary:make").args(LARGE).call(byte[].class));
    }
    assertThat(mappings()).isLessThanOrEqualTo(1);
  }

  @Test
  void aResultOutlivesTheWorkerThatMadeIt() throws Exception {
    start(temporary, 8 << 20);
    try (NdArray result = pool.function("binary:echo").arg("x", bytes(LARGE)).call(NdArray.class)) {
      int mark = pool.watcher().mark();
      Processes.signal("KILL", pool.pid(0));
      pool.watcher().awaitAfter(mark, PoolWatcher.Exited.class, any -> true);
      pool.awaitWhole();
      byte[] read = new byte[LARGE];
      result.asByteBuffer().get(read);
      assertThat(read).isEqualTo(bytes(LARGE));
    }
    echoes(LARGE);
  }

  @Test
  void aWorkerKilledWithArgumentsInHandGivesThemBack() throws Exception {
    start(temporary, 8 << 20);
    int mark = pool.watcher().mark();
    CompletableFuture<byte[]> call =
        pool.function("binary:hold").arg("x", bytes(LARGE)).callAsync(byte[].class);
    pool.watcher().awaitAfter(mark, PoolWatcher.Progressed.class, any -> true);
    assertThat(memory.used()).isPositive();
    Processes.signal("KILL", pool.pid(0));
    assertThat(call).failsWithin(60, TimeUnit.SECONDS);
    pool.awaitWhole();
    assertThat(memory.used()).as("bytes in use by the new worker").isZero();
    echoes(LARGE);
  }

  @Test
  void aWorkerThatReadsSlowlyGetsAllOfABinaryFrame() throws Exception {
    start(temporary, 0);
    int worker = pool.pid(0);
    byte[] sent = bytes(6_000_000);
    Processes.signal("STOP", worker);
    CompletableFuture<List<Integer>> call =
        pool.function("binary:halves").arg("x", sent).callAsync(new PythonType<>() {});
    for (int pause = 0; pause < 10; pause++) {
      Processes.signal("CONT", worker);
      Processes.signal("STOP", worker);
    }
    Processes.signal("CONT", worker);
    assertThat(call.get(60, TimeUnit.SECONDS))
        .containsExactly(sum(sent, 0, 3_000_000), sum(sent, 3_000_000, 6_000_000));
  }

  private static int sum(byte[] bytes, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum += bytes[i] & 0xff;
    }
    return sum;
  }

  @Test
  void aBinaryReplyThatComesInPartsArrivesWhole() {
    start(temporary, 0);
    for (int size : List.of(100, 70_000, 500_000)) {
      pool.faults().next(Moment.MID_REPLY, Fault.delay(Duration.ofMillis(50)));
      echoes(size);
    }
    assertThat(pool.faults().pending()).isZero();
  }
}
