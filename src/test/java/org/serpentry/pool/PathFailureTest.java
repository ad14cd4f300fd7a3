// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PoolClosedException;
import org.serpentry.api.PythonPoolException;

/** What is thrown around the calls of a path, by it, by executors and by items, is heard. */
@Tag("core-pool")
@Tag("layer-1")
class PathFailureTest {

  private final Error thrown = new NoClassDefFoundError("of an undeployed application");
  private final PythonPoolException failed =
      new PoolClosedException(ErrorContext.ofPool("test"), "for the test", null);

  /** A path whose calls end as the test wants. */
  private record Path(Function<CallRequest, CompletableFuture<Object>> calls, Executor deliveries)
      implements CallPath {
    @Override
    public Object call(CallRequest request) {
      throw new IllegalStateException("nobody waits");
    }

    @Override
    public CompletableFuture<Object> callAsync(CallRequest request) {
      return calls.apply(request);
    }

    @Override
    public String name() {
      return "test";
    }
  }

  private final class Broken implements Inflow.Item {
    @Override
    public Object value() {
      throw thrown;
    }

    @Override
    public void taken() {}
  }

  private static final class Heard implements Flow.Subscriber<String> {
    private final List<Object> heard = new ArrayList<>();

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(10);
    }

    @Override
    public void onNext(String item) {
      heard.add(item);
    }

    @Override
    public void onError(Throwable failure) {
      heard.add(failure);
    }

    @Override
    public void onComplete() {
      heard.add("the end");
    }
  }

  @Test
  void aStreamsCallIsCancelledWhenNothingCanBeMadeOfAnItem() {
    CompletableFuture<Object> call = new CompletableFuture<>();
    Path path =
        new Path(
            request -> {
              request.inflow().offer(new Broken());
              return call;
            },
            Runnable::run);
    Stream<String> items = FunctionRequest.of(path, "m:f", null).stream(String.class);

    assertThat(catchThrowable(items::toList)).isSameAs(thrown);
    assertThat(call).isCancelled();
  }

  @Test
  void aSubscriberHearsWhenNothingCanBeMadeOfAnItem() {
    CompletableFuture<Object> call = new CompletableFuture<>();
    List<CallRequest> begun = new ArrayList<>();
    Path path =
        new Path(
            request -> {
              begun.add(request);
              return call;
            },
            Runnable::run);
    Heard subscriber = new Heard();
    FunctionRequest.of(path, "m:f", null).publisher(String.class).subscribe(subscriber);
    begun.get(0).offer("first");
    begun.get(0).inflow().offer(new Broken());

    assertThat(subscriber.heard).containsExactly("first", thrown);
    assertThat(call).isCancelled();
  }

  @Test
  void aSubscriberHearsWhateverBecomesOfItsExecutor() {
    CompletableFuture<Object> call = new CompletableFuture<>();
    Path path =
        new Path(
            request -> {
              request.offer("first");
              return call;
            },
            task -> {
              throw thrown;
            });
    Heard subscriber = new Heard();
    FunctionRequest.of(path, "m:f", null).publisher(String.class).subscribe(subscriber);
    call.complete(null);

    assertThat(subscriber.heard).containsExactly("first", "the end");
  }

  @Test
  void aPythonFallbackThatCannotBeCalledEndsItsCall() {
    Path path =
        new Path(
            request -> {
              if (request.target().equals("m:g")) {
                throw thrown;
              }
              return CompletableFuture.failedFuture(failed);
            },
            Runnable::run);
    CompletableFuture<String> call =
        FunctionRequest.of(path, "m:f", null).fallbackTo("m:g").callAsync(String.class);

    assertThat(call).isCompletedExceptionally();
    assertThat(catchThrowable(call::join)).hasCause(thrown);
  }
}
