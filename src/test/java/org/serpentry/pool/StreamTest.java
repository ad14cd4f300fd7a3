// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.BindingException;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonSession;
import org.serpentry.api.PythonType;
import org.serpentry.api.ResultTooLargeException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.config.PoolConfigBuilder;

/** What Python yields, as a Java stream: from workers with one call and with several. */
@Tag("core-pool")
@Tag("layer-2")
class StreamTest {

  private static final int WINDOW = 8;
  private static final int BUFFER = 4096;

  private static WatchedPool one;
  private static WatchedPool several;

  @BeforeAll
  static void start() {
    one = WatchedPool.start(1, StreamTest::settings);
    several = WatchedPool.start(1, c -> settings(c).life(l -> l.callsPerWorker(4)));
  }

  private static PoolConfigBuilder settings(PoolConfigBuilder config) {
    return config
        .maxFrameSize(1 << 20)
        .streams(s -> s.streamWindow(WINDOW).streamBuffer(BUFFER))
        .resilience(r -> r.supervisorRestarts(0));
  }

  @AfterAll
  static void stop() {
    one.close();
    several.close();
  }

  @AfterEach
  void nothingIsLeftOverForTheNextCaller() {
    for (WatchedPool pool : List.of(one, several)) {
      pool.assertWhole();
      for (int number = 0; number < 20; number++) {
        assertThat(pool.function("faulty:add").args(number, 1).call(int.class))
            .isEqualTo(number + 1);
      }
    }
  }

  private static WatchedPool pool(int places) {
    return places == 1 ? one : several;
  }

  private static List<Integer> numbers(int to) {
    return IntStream.range(0, to).boxed().toList();
  }

  private static void awaitEnd(WatchedPool pool, int mark, String name) {
    pool.watcher().awaitProgress(mark, "ended " + name);
  }

  @ParameterizedTest
  @CsvSource({
    "1, count",
    "1, count_async",
    "1, made_async",
    "4, count",
    "4, count_async",
    "4, made_async"
  })
  void givesAllItemsInTheirOrder(int places, String function) {
    PythonFunction request = pool(places).function("streams:" + function).args(1000);

    try (Stream<Integer> items = request.stream(Integer.class)) {
      assertThat(items.toList()).isEqualTo(numbers(1000));
    }
    assertThat(pool(places).function("streams:" + function).args(0).stream(int.class)).isEmpty();
  }

  @Test
  void readsItemsOfAnyType() {
    PythonFunction count = one.function("streams:mixed");

    List<Object> items = count.stream(Object.class).toList();

    assertThat(items).hasSize(5);
    assertThat(items.get(1)).isNull();
    assertThat(items.get(3)).isEqualTo("YWI=");
    assertThat(
            one.function("streams:of_sizes").args(List.of(1, 2)).stream(
                new PythonType<String>() {}))
        .containsExactly("y", "yy");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void pythonIsNeverFurtherAheadThanTheWindow(int places) {
    WatchedPool pool = pool(places);
    int mark = pool.watcher().mark();
    String name = "ahead" + places;
    try (Stream<String> items = pool.function("streams:endless").args(name).stream(String.class)) {
      Iterator<String> iterator = items.iterator();
      for (int read = 1; read <= 5 * WINDOW; read++) {
        assertThat(iterator.next()).isEqualTo("x");
      }
    }
    awaitEnd(pool, mark, name);

    // Read, in the window, and the one that waits for credit.
    assertThat(pool.function("streams:produced").args(name).call(int.class))
        .isBetween(5 * WINDOW, 5 * WINDOW + WINDOW + 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void pythonIsNeverFurtherAheadThanTheBuffer(int places) {
    WatchedPool pool = pool(places);
    int mark = pool.watcher().mark();
    String name = "size" + places;
    try (Stream<String> items =
        pool.function("streams:endless").args(name, BUFFER).stream(String.class)) {
      Iterator<String> iterator = items.iterator();
      for (int read = 0; read < 20; read++) {
        assertThat(iterator.next()).hasSize(BUFFER);
      }
    }
    awaitEnd(pool, mark, name);

    assertThat(pool.function("streams:produced").args(name).call(int.class)).isBetween(20, 22);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void anItemMayBeLargerThanTheBufferButNotThanAFrame(int places) {
    List<Integer> sizes = List.of(1, 700_000, 2, 900_000, 3);
    PythonFunction request = pool(places).function("streams:of_sizes");

    assertThat(request.args(sizes).stream(String.class).map(String::length)).isEqualTo(sizes);

    Iterator<String> tooLarge = request.args(List.of(1, 2_000_000)).stream(String.class).iterator();
    assertThat(tooLarge.next()).isEqualTo("y");
    ResultTooLargeException failure =
        assertThrows(ResultTooLargeException.class, () -> tooLarge.next());
    assertThat(failure).hasMessageContaining("2000002");
  }

  @ParameterizedTest
  @CsvSource({"1, endless", "1, endless_async", "4, endless", "4, endless_async"})
  void closingItEarlyRunsTheGeneratorsFinally(int places, String function) {
    WatchedPool pool = pool(places);
    for (int read = 0; read < 12; read++) {
      int mark = pool.watcher().mark();
      String name = function + places + "/" + read;
      try (Stream<String> items =
          pool.function("streams:" + function).args(name).stream(String.class)) {
        Iterator<String> iterator = items.iterator();
        for (int number = 0; number < read; number++) {
          assertThat(iterator.next()).isEqualTo("x");
        }
      }
      if (read > 0) {
        awaitEnd(pool, mark, name);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void shortCircuitingReadsNoMoreThanItNeeds(int places) {
    WatchedPool pool = pool(places);
    int mark = pool.watcher().mark();
    String name = "short" + places;
    try (Stream<String> items = pool.function("streams:endless").args(name).stream(String.class)) {
      assertThat(items.limit(3).toList()).containsExactly("x", "x", "x");
    }
    awaitEnd(pool, mark, name);
  }

  @ParameterizedTest
  @CsvSource({"1, then_raise", "1, then_raise_async", "4, then_raise", "4, then_raise_async"})
  void whatPythonRaisesComesAfterTheItemsBefore(int places, String function) {
    Iterator<Integer> items =
        pool(places).function("streams:" + function).args(3).stream(int.class).iterator();

    assertThat(List.of(items.next(), items.next(), items.next())).isEqualTo(numbers(3));
    PythonCallException failure = assertThrows(PythonCallException.class, () -> items.next());
    assertThat(failure.pythonType()).isEqualTo("builtins.LookupError");
    assertThat(failure).hasMessageContaining("no more tokens");
    assertThrows(PythonCallException.class, items::hasNext);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void theDeathOfTheWorkerComesAfterTheItemsBeforeAndIsNotRepeated(int places) {
    WatchedPool pool = pool(places);
    PythonFunction dying = pool.function("streams:then_die").args(3).idempotent().retries(5);
    Iterator<Integer> items = dying.stream(int.class).iterator();

    assertThat(List.of(items.next(), items.next(), items.next())).isEqualTo(numbers(3));
    WorkerCrashedException failure = assertThrows(WorkerCrashedException.class, () -> items.next());
    assertThat(failure.isTransient()).isFalse();
    assertThat(failure).hasMessageContaining("SIGKILL");
  }

  @ParameterizedTest
  @CsvSource({"1, then_spin", "1, then_wait_async", "4, then_spin", "4, then_wait_async"})
  void anItemThatDoesNotComeInTimeEndsIt(int places, String function) {
    WatchedPool pool = pool(places);
    int mark = pool.watcher().mark();
    String name = "idle " + function + places;
    Iterator<Integer> items =
        pool
            .function("streams:" + function)
            .args(name, 2)
            .idleTimeout(Duration.ofMillis(100))
            .stream(int.class)
            .iterator();

    assertThat(List.of(items.next(), items.next())).isEqualTo(numbers(2));
    CallTimeoutException failure = assertThrows(CallTimeoutException.class, () -> items.next());
    assertThat(failure).hasMessageContaining("no item within 100 ms");
    awaitEnd(pool, mark, name);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void theTimeoutHoldsForTheWholeOfItHoweverSlowTheReader(int places) {
    WatchedPool pool = pool(places);
    int mark = pool.watcher().mark();
    String name = "slow" + places;
    Iterator<String> items =
        pool
            .function("streams:endless")
            .args(name)
            .timeout(Duration.ofMillis(200))
            .idleTimeout(Duration.ofMillis(50))
            .stream(String.class)
            .iterator();

    // Nobody reads: that is no idleness of Python's, but the deadline comes.
    awaitEnd(pool, mark, name);

    for (int number = 0; number < WINDOW; number++) {
      assertThat(items.next()).isEqualTo("x");
    }
    assertThatExceptionOfType(CallTimeoutException.class)
        .isThrownBy(items::next)
        .withMessageContaining("200 ms");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void anInterruptEndsTheWaitForAnItem(int places) {
    WatchedPool pool = pool(places);
    int mark = pool.watcher().mark();
    String name = "interrupted" + places;
    Iterator<Integer> items =
        pool.function("streams:then_spin").args(name, 1).stream(int.class).iterator();
    assertThat(items.next()).isZero();

    Thread.currentThread().interrupt();

    assertThatExceptionOfType(CallCancelledException.class)
        .isThrownBy(items::next)
        .withMessageContaining("interrupt");
    assertThat(Thread.interrupted()).isTrue();
    awaitEnd(pool, mark, name);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void tellsWhatIsNoStreamAndWhatIsNoItem(int places) {
    WatchedPool pool = pool(places);

    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool.function("streams:not_a_stream").stream(int.class).toList())
        .withMessageContaining("a stream was asked for")
        .withMessageContaining("int");
    Iterator<Object> unwritable =
        pool.function("streams:unwritable").stream(Object.class).iterator();
    assertThat(unwritable.next()).isNotNull();
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(unwritable::next)
        .withMessageContaining("type object");
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool.function("streams:endless").args("d").stream(int.class).toList());
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool.function("streams:count").args(3).call(Object.class))
        .withMessageContaining("stream()");
  }

  @Test
  void anItemIsThereBeforeTheNextOneIsMade() {
    Iterator<Integer> items =
        several.function("streams:gated").args("g", 3).stream(int.class).iterator();

    for (int number = 0; number < 3; number++) {
      several.function("streams:open_gate").args("g" + number).call();
      assertThat(items.next()).isEqualTo(number);
    }

    assertThat(items.hasNext()).isFalse();
    assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(items::next);
  }

  @Test
  void aSlowReaderHoldsUpNoNeighbour() {
    int mark = several.watcher().mark();
    List<Stream<String>> slow =
        Stream.of("endless", "endless_async")
            .map(f -> several.function("streams:" + f).args("n " + f).stream(String.class))
            .toList();
    List<CompletableFuture<List<Integer>>> quick =
        IntStream.range(0, 4)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () ->
                            several.function("streams:count").args(300).stream(Integer.class)
                                .toList()))
            .toList();

    for (CompletableFuture<List<Integer>> each : quick) {
      assertThat(each.orTimeout(60, TimeUnit.SECONDS).join()).isEqualTo(numbers(300));
    }
    slow.forEach(Stream::close);
    awaitEnd(several, mark, "n endless");
    awaitEnd(several, mark, "n endless_async");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void aStreamOfASessionLeavesItsState(int places) {
    PythonSession session = pool(places).pool().session("streaming" + places);

    assertThat(session.function("streams:remember").args(20).stream(int.class)).hasSize(20);

    assertThat(session.function("streams:remembered").call(int.class)).isEqualTo(20);
    assertThat(session.end()).isTrue();
  }

  @Test
  void bytesAndArraysGoWithItAsArguments() {
    byte[] bytes = new byte[300_000];
    Arrays.fill(bytes, (byte) 7);
    for (WatchedPool pool : List.of(one, several)) {
      assertThat(pool.function("streams:lengths").args((Object) bytes).stream(long.class))
          .containsExactly(300_000L, 7L);
    }
  }

  @Test
  void hasNoFallback() {
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> one.function("streams:count").fallback(e -> List.of()).stream(int.class))
        .withMessageContaining("no fallback");
  }
}
