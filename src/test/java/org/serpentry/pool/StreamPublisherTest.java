// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.PoolClosedException;
import org.serpentry.api.PythonCallException;

/** What Python yields, as a publisher's items: as many as are asked for, and no thread waits. */
@Tag("core-pool")
@Tag("layer-2")
class StreamPublisherTest {

  private static WatchedPool pool;

  @BeforeAll
  static void start() {
    pool = WatchedPool.start(1, c -> c.streams(s -> s.streamWindow(4)));
  }

  @AfterAll
  static void stop() {
    pool.close();
  }

  @AfterEach
  void theWorkerIsFreeAgain() {
    pool.assertWhole();
  }

  /** Remembers what it is told; asks for nothing by itself. */
  private static final class Told<T> implements Flow.Subscriber<T> {
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final BlockingQueue<T> items = new LinkedBlockingQueue<>();
    private final List<Throwable> thrown = new ArrayList<>();

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription.complete(given);
    }

    @Override
    public void onNext(T item) {
      items.add(item);
    }

    @Override
    public void onError(Throwable failure) {
      thrown.add(failure);
      end.complete(null);
    }

    @Override
    public void onComplete() {
      end.complete(null);
    }

    T next() throws InterruptedException {
      T item = items.poll(60, TimeUnit.SECONDS);
      assertThat(item).as("the next item").isNotNull();
      return item;
    }

    Throwable failure() {
      end.orTimeout(60, TimeUnit.SECONDS).join();
      return thrown.isEmpty() ? null : thrown.get(0);
    }
  }

  private static <T> Told<T> subscribe(Flow.Publisher<T> publisher) {
    Told<T> told = new Told<>();
    publisher.subscribe(told);
    return told;
  }

  private static List<Integer> numbers(int to) {
    return IntStream.range(0, to).boxed().toList();
  }

  @Test
  void givesAsManyItemsAsAreAskedForAndThenTheEnd() throws InterruptedException {
    Told<Integer> told =
        subscribe(pool.function("streams:count").args(50).publisher(Integer.class));
    Flow.Subscription subscription = told.subscription.join();

    for (int number = 0; number < 10; number++) {
      subscription.request(1);
      assertThat(told.next()).isEqualTo(number);
    }
    assertThat(told.items).isEmpty();
    assertThat(told.end).isNotDone();
    subscription.request(Long.MAX_VALUE);
    subscription.request(Long.MAX_VALUE);

    assertThat(told.failure()).isNull();
    assertThat(told.items).containsExactlyElementsOf(numbers(50).subList(10, 50));
  }

  @Test
  void eachSubscriberHasACallOfItsOwnThatBeginsWithItsFirstRequest() {
    int mark = pool.watcher().mark();
    Flow.Publisher<Integer> publisher =
        pool.function("streams:count").args(3).publisher(Integer.class);
    Told<Integer> never = subscribe(publisher);
    List<Told<Integer>> asking = List.of(subscribe(publisher), subscribe(publisher));
    asking.forEach(each -> each.subscription.join().request(10));

    for (Told<Integer> each : asking) {
      assertThat(each.failure()).isNull();
      assertThat(each.items).containsExactly(0, 1, 2);
    }

    never.subscription.join().cancel();
    assertThat(never.end).isNotDone();
    pool.assertWhole();
    assertThat(
            pool.watcher().all(org.serpentry.spi.PoolListener.CallEnd.class).stream()
                .filter(e -> e.target().equals("streams:count"))
                .filter(e -> pool.watcher().indexOf(e) >= mark))
        .hasSize(2);
  }

  @Test
  void cancellingItReachesPython() throws InterruptedException {
    int mark = pool.watcher().mark();
    Told<String> told =
        subscribe(pool.function("streams:endless").args("p").publisher(String.class));
    told.subscription.join().request(6);
    for (int number = 0; number < 6; number++) {
      assertThat(told.next()).isEqualTo("x");
    }

    told.subscription.join().cancel();

    pool.watcher().awaitProgress(mark, "ended p");
    told.subscription.join().request(5);
    assertThat(told.items).isEmpty();
    assertThat(told.end).isNotDone();
  }

  @Test
  void tellsWhatPythonRaisedAfterTheItemsBefore() {
    Told<Integer> told =
        subscribe(pool.function("streams:then_raise").args(3).publisher(Integer.class));

    told.subscription.join().request(100);

    assertThat(told.failure()).isInstanceOf(PythonCallException.class);
    assertThat(told.items).containsExactly(0, 1, 2);
  }

  @Test
  void noneAmongTheItemsIsAnError() {
    Told<Object> told = subscribe(pool.function("streams:mixed").publisher(Object.class));

    told.subscription.join().request(100);

    assertThat(told.failure())
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("None among the items of streams:mixed");
    assertThat(told.items).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1})
  void aRequestForNothingIsAnErrorAndEndsIt(long count) {
    Told<Integer> told = subscribe(pool.function("streams:count").args(3).publisher(Integer.class));

    told.subscription.join().request(count);

    assertThat(told.failure())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 item or more");
  }

  @Test
  void theEndOfThePoolIsTold() throws InterruptedException {
    try (WatchedPool other = WatchedPool.start(1, c -> c.shutdownTimeout(Duration.ofMillis(100)))) {
      Told<String> told =
          subscribe(other.function("streams:endless").args("c").publisher(String.class));
      told.subscription.join().request(1);
      told.next();

      other.close();
      told.subscription.join().request(Long.MAX_VALUE);

      assertThat(told.failure()).isInstanceOf(PoolClosedException.class);
    }
  }

  @Test
  void hasNoFallback() {
    assertThatIllegalStateException()
        .isThrownBy(
            () -> pool.function("streams:count").fallbackTo("faulty:echo").publisher(Integer.class))
        .withMessageContaining("no fallback");
    assertThatExceptionOfType(NullPointerException.class)
        .isThrownBy(() -> pool.function("streams:count").publisher(Integer.class).subscribe(null));
  }
}
