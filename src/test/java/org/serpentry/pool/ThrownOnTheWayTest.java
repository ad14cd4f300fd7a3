// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.BindingException;
import org.serpentry.api.DType;
import org.serpentry.api.NdArray;
import org.serpentry.api.PythonFunction;
import org.serpentry.session.MemorySessionStore;
import org.serpentry.spi.SessionStore;
import org.serpentry.worker.Worker;

/**
 * Whatever a caller's own types throw while a call is under way, the caller gets it, and nobody
 * else is any the worse for it: the worker has all its places afterwards.
 */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(120)
class ThrownOnTheWayTest {

  private static final int PLACES = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static WatchedPool one;
  private static WatchedPool several;

  @BeforeAll
  static void start() {
    one = WatchedPool.start(1, config -> config.resilience(r -> r.supervisorRestarts(0)));
    several =
        WatchedPool.start(
            1,
            config ->
                config
                    .life(l -> l.callsPerWorker(PLACES))
                    .resilience(r -> r.supervisorRestarts(0)));
  }

  @AfterAll
  static void stop() {
    one.close();
    several.close();
  }

  @AfterEach
  void everyPlaceIsFreeAgain() throws Exception {
    one.assertWhole();
    String name = "meeting " + System.nanoTime();
    List<CompletableFuture<Integer>> calls =
        IntStream.range(0, PLACES)
            .mapToObj(
                i -> several.function("several:meet").args(name, PLACES, i).callAsync(int.class))
            .toList();
    for (int i = 0; i < PLACES; i++) {
      assertThat(calls.get(i).get(60, TimeUnit.SECONDS)).isEqualTo(i);
    }
  }

  private static WatchedPool pool(int places) {
    return places == 1 ? one : several;
  }

  /** Throws when a worker has been leased for it: its elements come, its length does not. */
  private static List<Object> withoutLength(Throwable thrown) {
    return new AbstractList<>() {
      @Override
      public Iterator<Object> iterator() {
        return List.<Object>of(1, 2).iterator();
      }

      @Override
      public Object get(int index) {
        return index + 1;
      }

      @Override
      public int size() {
        return ThrownOnTheWayTest.thrown(thrown);
      }
    };
  }

  /** Throws before anything else is done for its call. */
  private static CharSequence withoutText(Throwable thrown) {
    return new WithoutText(thrown);
  }

  private record WithoutText(Throwable thrown) implements CharSequence {
    @Override
    public int length() {
      return 1;
    }

    @Override
    public char charAt(int index) {
      return 'x';
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return this;
    }

    @Override
    public String toString() {
      return String.valueOf(ThrownOnTheWayTest.thrown(thrown));
    }
  }

  /** Cannot be made of any result. */
  public record Overflowing(int value) {
    /** Throws. */
    public Overflowing {
      ThrownOnTheWayTest.thrown(new StackOverflowError("of a class that is too deep"));
    }
  }

  private static int thrown(Throwable throwable) {
    if (throwable instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) throwable;
  }

  private static Throwable failure(CompletableFuture<?> call) {
    Throwable thrown = catchThrowable(() -> call.get(60, TimeUnit.SECONDS));
    assertThat(thrown).isInstanceOf(ExecutionException.class);
    return thrown.getCause();
  }

  private static Stream<Throwable> unexpected() {
    return Stream.of(
        new NoClassDefFoundError("of an application that has been undeployed"),
        new IllegalStateException("it is lazy, and its session has been closed"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, PLACES})
  void aCallThatIsWaitedForThrowsItAndGivesItsPlaceBack(int places) {
    unexpected()
        .forEach(
            thrown -> {
              PythonFunction call =
                  pool(places).function("faulty:echo").args(withoutLength(thrown));
              for (int i = 0; i < places; i++) {
                assertThat(catchThrowable(() -> call.call(Object.class))).isSameAs(thrown);
              }
              assertThat(pool(places).function("faulty:add").args(1, 2).call(int.class))
                  .isEqualTo(3);
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, PLACES})
  void anAsynchronousCallEndsInItAndGivesItsPlaceBack(int places) {
    int before = pool(places).pid(0);
    unexpected()
        .forEach(
            thrown -> {
              PythonFunction call =
                  pool(places).function("faulty:echo").args(withoutLength(thrown));
              for (int i = 0; i < places; i++) {
                assertThat(failure(call.callAsync(Object.class))).isSameAs(thrown);
              }
            });
    pool(places).assertWhole();
    assertThat(pool(places).pid(0)).as("nothing has been sent").isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, PLACES})
  void anAsynchronousCallThatWaitedForItsPlaceEndsInIt(int places) {
    WatchedPool pool = pool(places);
    Throwable thrown = new NoClassDefFoundError("of an application that has been undeployed");
    List<Worker> leased = new ArrayList<>();
    for (int i = 0; i < places; i++) {
      leased.add(pool.lease());
    }
    CompletableFuture<Object> call =
        pool.function("faulty:echo").args(withoutLength(thrown)).callAsync(Object.class);
    leased.forEach(pool.pool()::giveBack);

    assertThat(failure(call)).isSameAs(thrown);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, PLACES})
  void aStreamEndsInIt(int places) {
    Throwable thrown = new NoClassDefFoundError("of an application that has been undeployed");
    try (Stream<Integer> items =
        pool(places).function("streams:count").args(withoutLength(thrown)).stream(Integer.class)) {
      assertThat(catchThrowable(items::toList)).isSameAs(thrown);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, PLACES})
  void aSessionsNextCallHasItsTurn(int places) {
    unexpected()
        .forEach(
            thrown -> {
              PythonFunction echo =
                  pool(places).pool().session("s " + places).function("faulty:echo");
              for (Object argument : List.of(withoutText(thrown), withoutLength(thrown))) {
                if (thrown instanceof Error || argument instanceof List) {
                  assertThat(failure(echo.args(argument).callAsync())).isSameAs(thrown);
                  assertThat(catchThrowable(() -> echo.args(argument).call())).isSameAs(thrown);
                }
                assertThat(echo.args(7).call(int.class)).isEqualTo(7);
              }
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, PLACES})
  void aResultOfWhichNothingCanBeMadeEndsItsCallOnly(int places) {
    PythonFunction call = pool(places).function("faulty:echo").args(Map.of("value", 1));

    assertThat(catchThrowable(() -> call.call(Overflowing.class)))
        .isInstanceOf(StackOverflowError.class);
    assertThat(failure(call.callAsync(Overflowing.class))).isInstanceOf(StackOverflowError.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, PLACES})
  void anArrayThatHasBeenClosedIsRefusedBeforeAnythingIsSent(int places) {
    int before = pool(places).pid(0);
    NdArray array = NdArray.borrowed(DType.UINT8, ByteBuffer.wrap(new byte[] {1, 2, 3}), () -> {});
    array.close();
    PythonFunction call = pool(places).function("binary:echo").arg("x", array);

    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(call::call)
        .withMessageContaining("has been closed");
    assertThat(failure(call.callAsync())).isInstanceOf(BindingException.class);
    pool(places).assertWhole();
    assertThat(pool(places).pid(0)).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, PLACES})
  void anExecutorThatFailsDoesNotKeepACallFromItsEnd(int places) {
    Executor failing =
        task -> {
          throw new IllegalStateException("the application has ended");
        };
    CallRequest request = CallRequest.probe("serpentry:ping", PATIENCE);

    assertThat(pool(places).pool().callAsync(request, failing)).succeedsWithin(PATIENCE);
  }

  @Test
  void aFallbackAnswersForArgumentsThatCannotBeWrittenInBothWays() {
    PythonFunction call =
        one.function("faulty:echo").args(Double.NaN).fallback(failure -> failure.type());

    String type = call.call(String.class);

    assertThat(call.callAsync(String.class)).succeedsWithin(PATIENCE).isEqualTo(type);
  }

  /** A store of which one method throws while there is something to throw. */
  private static SessionStore store(String failing, boolean blocks, AtomicReference<Error> thrown) {
    SessionStore real = new MemorySessionStore(System::nanoTime, Duration.ofHours(1), 1 << 20);
    return (SessionStore)
        Proxy.newProxyInstance(
            ThrownOnTheWayTest.class.getClassLoader(),
            new Class<?>[] {SessionStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("blocks")) {
                return blocks;
              }
              if (method.getName().equals(failing) && thrown.get() != null) {
                throw thrown.get();
              }
              return method.invoke(real, arguments);
            });
  }

  @ParameterizedTest
  @CsvSource({"get,false,1", "get,true,1", "replace,false,1", "replace,false,4", "replace,true,4"})
  void whatASessionStoreThrowsEndsItsCallAndNoOther(String failing, boolean blocks, int places) {
    AtomicReference<Error> thrown = new AtomicReference<>();
    try (WatchedPool pool =
        WatchedPool.start(
            1,
            config ->
                config.life(l -> l.callsPerWorker(places)).resilience(r -> r.supervisorRestarts(0)),
            parts -> parts.sessionStore(store(failing, blocks, thrown), ""))) {
      int before = pool.pid(0);
      CompletableFuture<Integer> neighbour = new CompletableFuture<>();
      if (places > 1) {
        neighbour = pool.function("several:wait_for").args("it", 5).callAsync(Integer.class);
        pool.watcher().awaitProgress(0, "waiting");
      }
      PythonFunction add = pool.pool().session("s").function("conversing:add");
      assertThat(add.call(int.class)).isEqualTo(1);

      thrown.set(new NoClassDefFoundError("of an application that has been undeployed"));
      assertThat(failure(add.callAsync(int.class))).isSameAs(thrown.get());
      assertThat(catchThrowable(() -> add.call(int.class))).isSameAs(thrown.get());
      thrown.set(null);

      assertThat(add.call(int.class)).isEqualTo(2);
      if (places > 1) {
        pool.function("several:let_go").args("it").call();
        assertThat(neighbour).succeedsWithin(PATIENCE).isEqualTo(5);
      }
      pool.assertWhole();
      assertThat(pool.pid(0)).isEqualTo(before);
    }
  }
}
