// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.NdArray;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonType;
import org.serpentry.api.RequestTooLargeException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.config.AttachmentConfigBuilder;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.testing.TestPool;

/** Binary arguments and results in shared memory, with real workers. */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(120)
class SharedMemoryCallTest {

  private static final int THRESHOLD = 4096;
  private static final int LARGE = 300_000;

  @TempDir private Path directory;
  private TestPool pool;

  private TestPool start(int calls, long budget) {
    pool =
        TestPool.builder()
            .modules(Path.of("python/tests/modules").toAbsolutePath())
            .settings(
                config ->
                    config
                        .maxFrameSize(1 << 20)
                        .life(l -> l.callsPerWorker(calls))
                        .attachments(a -> sharing(a, budget)))
            .start();
    return pool;
  }

  private void sharing(AttachmentConfigBuilder a, long budget) {
    a.attachmentThreshold(THRESHOLD).sharedMemory(budget).sharedMemoryDirectory(directory);
  }

  @AfterEach
  void close() throws IOException {
    if (pool != null) {
      pool.close();
    }
    assertThat(names()).isEmpty();
  }

  private List<Path> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
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

  private long mappings() {
    return pool.function("binary:mappings").call(Long.class);
  }

  /** This JVM's, of this test: those of results wait for the collector. */
  private long ownMappings() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.filter(line -> line.contains(directory.toString())).count();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void everySizeAroundTheThresholdComesBackAsItWent(int calls) throws IOException {
    start(calls, 8 << 20);
    for (int size : List.of(0, 1, THRESHOLD - 1, THRESHOLD, THRESHOLD + 1, 65_536, LARGE, 65_537)) {
      byte[] sent = bytes(size);
      assertThat(pool.function("binary:echo").arg("x", sent).call(byte[].class)).isEqualTo(sent);
      assertThat(pool.function("binary:later").arg("x", sent).callAsync(byte[].class).join())
          .isEqualTo(sent);
      assertThat(names()).isEmpty();
    }
  }

  @Test
  void warmSegmentsAreUsedAgain() {
    start(1, 8 << 20);
    for (int i = 0; i < 20; i++) {
      pool.function("binary:echo").arg("x", bytes(LARGE)).call(byte[].class);
    }
    assertThat(mappings()).as("one for arguments, one for results").isEqualTo(2);
  }

  @Test
  void severalArgumentsShareOneSegment() {
    start(1, 8 << 20);
    List<Object> answer =
        pool.function("binary:both")
            .args(bytes(5001))
            .arg("factor", 4)
            .arg("y", new double[700])
            .call(new PythonType<List<Object>>() {});
    assertThat(answer.toString()).isEqualTo("[5001, 4, 5600]");
    assertThat(mappings()).isEqualTo(1);
  }

  @Test
  void resultsThatAreNotClosedAreNotOverwritten() {
    start(1, 64 << 20);
    float[] first = new float[LARGE / 4];
    first[7] = 7;
    NdArray open = pool.function("binary:echo").arg("x", first).call(NdArray.class);
    FloatBuffer view = open.asFloatBuffer();
    NdArray other = pool.function("binary:echo").arg("x", new float[LARGE / 4]).call(NdArray.class);
    assertThat(view.get(7)).isEqualTo(7f);
    other.close();
    open.close();
    assertThatExceptionOfType(IllegalStateException.class).isThrownBy(open::toFloatArray);
    pool.function("binary:echo").arg("x", first).call(float[].class);
    assertThat(mappings()).as("one for arguments, two for results").isEqualTo(3);
  }

  @Test
  void streamsGiveTheirSegmentBackWhenClosed() throws IOException {
    start(1, 8 << 20);
    for (int i = 0; i < 3; i++) {
      try (InputStream in =
          pool.function("binary:echo").arg("x", bytes(LARGE)).call(InputStream.class)) {
        assertThat(in.readAllBytes()).isEqualTo(bytes(LARGE));
      }
      ByteBuffer copy = pool.function("binary:echo").arg("x", bytes(LARGE)).call(ByteBuffer.class);
      assertThat(copy).isEqualTo(ByteBuffer.wrap(bytes(LARGE)));
    }
    assertThat(mappings()).isEqualTo(2);
  }

  @Test
  void viewsThatPythonKeepsAreNeverWrittenTo() {
    start(1, 8 << 20);
    byte[] sent = bytes(LARGE);
    pool.function("binary:keep").arg("x", sent).call();
    for (int i = 0; i < 3; i++) {
      pool.function("binary:echo").arg("x", new byte[LARGE]).call();
    }
    List<Integer> seen = pool.function("binary:look").call(new PythonType<List<Integer>>() {});
    assertThat(seen).containsExactly(sent[1] & 0xff);
    assertThat(mappings()).as("the kept one and another").isEqualTo(2);
    pool.function("binary:forget").call();
    pool.function("binary:echo").arg("x", new byte[LARGE]).call();
    assertThat(mappings()).as("the kept one has gone").isEqualTo(1);
  }

  @Test
  void anExceptionDoesNotKeepItsArguments() {
    start(1, 8 << 20);
    for (int i = 0; i < 5; i++) {
      assertThatExceptionOfType(PythonCallException.class)
          .isThrownBy(() -> pool.function("binary:fail").arg("x", bytes(LARGE)).call());
    }
    assertThat(mappings()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void timeoutsAndCancellationsFreeTheirSegments(int calls) {
    start(calls, 8 << 20);
    int pid = pool.pid(0);
    for (int i = 0; i < 3; i++) {
      assertThatExceptionOfType(CallTimeoutException.class)
          .isThrownBy(
              () ->
                  pool.function("binary:hold")
                      .arg("x", bytes(LARGE))
                      .timeout(Duration.ofMillis(200))
                      .call(byte[].class));
    }
    for (int i = 0; i < 3; i++) {
      int mark = pool.watcher().mark();
      CompletableFuture<byte[]> call =
          pool.function("binary:hold").arg("x", bytes(LARGE)).callAsync(byte[].class);
      pool.watcher().awaitAfter(mark, PoolWatcher.Progressed.class, any -> true);
      call.cancel(true);
      pool.function("binary:echo").arg("x", bytes(LARGE)).call(byte[].class);
    }
    if (calls == 1) {
      assertThat(pool.pid(0)).isEqualTo(pid);
      assertThat(mappings()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void aWorkerKilledWithASegmentInHandLeavesNothing(int calls) throws IOException {
    start(calls, 8 << 20);
    for (int i = 0; i < 3; i++) {
      assertThatExceptionOfType(WorkerCrashedException.class)
          .isThrownBy(() -> pool.function("binary:die").arg("x", bytes(LARGE)).call(byte[].class));
    }
    pool.awaitWhole();
    assertThat(names()).isEmpty();
    assertThat(ownMappings()).isZero();
    assertThat(pool.function("binary:echo").arg("x", bytes(LARGE)).call(byte[].class))
        .isEqualTo(bytes(LARGE));
  }

  @Test
  void whatDoesNotFitTheBudgetGoesByTheSocket() {
    start(1, 1 << 20);
    byte[] sent = bytes(900_000);
    assertThat(pool.function("binary:echo").arg("x", sent).call(byte[].class)).isEqualTo(sent);
    assertThat(mappings()).isZero();
    assertThat(pool.function("binary:echo").arg("x", bytes(LARGE)).call(byte[].class))
        .isEqualTo(bytes(LARGE));
    assertThatExceptionOfType(RequestTooLargeException.class)
        .isThrownBy(() -> pool.function("binary:echo").arg("x", bytes(2 << 20)).call());
  }

  @Test
  void otherSizesReplaceFreeSegmentsWhenTheBudgetIsShort() {
    start(1, 2 << 20);
    for (int size : List.of(200_000, 400_000, 800_000, 900_000)) {
      byte[] sent = bytes(size);
      assertThat(pool.function("binary:echo").arg("x", sent).call(byte[].class)).isEqualTo(sent);
    }
    assertThat(pool.function("binary:echo").arg("x", bytes(990_000)).call(byte[].class))
        .isEqualTo(bytes(990_000));
  }

  @Test
  void aDirectoryThatIsNotThereMeansTheSocket() {
    pool =
        TestPool.builder()
            .modules(Path.of("python/tests/modules").toAbsolutePath())
            .settings(
                c ->
                    c.attachments(
                        a ->
                            a.attachmentThreshold(1)
                                .sharedMemoryDirectory(directory.resolve("none"))))
            .start();
    assertThat(pool.function("binary:echo").arg("x", bytes(LARGE)).call(byte[].class))
        .isEqualTo(bytes(LARGE));
    assertThat(mappings()).isZero();
  }

  @Test
  void manyCallsAtOnceGetTheirOwnData() {
    start(8, 64 << 20);
    List<CompletableFuture<byte[]>> calls = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      byte[] sent = bytes(20_000 + i * 1_000);
      calls.add(pool.function("binary:echo").arg("x", sent).callAsync(byte[].class));
    }
    for (int i = 0; i < 40; i++) {
      assertThat(calls.get(i).join()).isEqualTo(bytes(20_000 + i * 1_000));
    }
  }
}
