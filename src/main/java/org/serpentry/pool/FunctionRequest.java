// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.PythonType;
import org.serpentry.attachment.StreamArgument;
import org.serpentry.protocol.Frame;
import org.serpentry.telemetry.Traces;

/**
 * The request that a user builds: its arguments, which each step adds to, a {@link CallRequest}
 * that holds the rest, and the way that it takes. Immutable.
 */
final class FunctionRequest implements PythonFunction {

  private static final Pattern TARGET =
      Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_.]*:[\\p{L}_][\\p{L}\\p{N}_.]*");

  private final CallPath path;
  private final CallRequest request;
  private final List<Object> positional;
  private final NamedArguments named;
  private final Duration idle;

  private FunctionRequest(
      CallPath path,
      CallRequest request,
      List<Object> positional,
      NamedArguments named,
      Duration idle) {
    this.path = path;
    this.request = request;
    this.positional = positional;
    this.named = named;
    this.idle = idle;
  }

  static FunctionRequest of(CallPath path, String target, CallSession session) {
    byte[] bytes = target.getBytes(StandardCharsets.UTF_8);
    if (!TARGET.matcher(target).matches() || bytes.length > Frame.MAX_TARGET) {
      throw new IllegalArgumentException(
          "A target is written module:function, in at most %d bytes, not '%s'"
              .formatted(Frame.MAX_TARGET, target));
    }
    return new FunctionRequest(
        path,
        new CallRequest(
            target,
            bytes,
            List.of(),
            Map.of(),
            Void.class,
            null,
            null,
            null,
            -1,
            false,
            session,
            null,
            null),
        List.of(),
        NamedArguments.NONE,
        null);
  }

  @Override
  public String target() {
    return request.target();
  }

  @Override
  public PythonFunction arg(String name, Object value) {
    if (named.containsKey(name)) {
      throw new IllegalArgumentException(
          "The argument '" + name + "' of " + request.target() + " was given already");
    }
    return new FunctionRequest(
        path, request, positional, named.with(name, StreamArgument.held(value)), idle);
  }

  @Override
  public PythonFunction args(Object... values) {
    List<Object> more = new ArrayList<>(positional);
    for (Object value : values) {
      more.add(StreamArgument.held(value));
    }
    return new FunctionRequest(path, request, Collections.unmodifiableList(more), named, idle);
  }

  @Override
  public PythonFunction timeout(Duration timeout) {
    positive("timeout", timeout);
    return limited(request.within(timeout, request.checkoutTimeout()));
  }

  @Override
  public PythonFunction checkoutTimeout(Duration timeout) {
    positive("checkout timeout", timeout);
    return limited(request.within(request.timeout(), timeout));
  }

  @Override
  public PythonFunction idleTimeout(Duration timeout) {
    positive("idle timeout", timeout);
    return new FunctionRequest(path, request, positional, named, timeout);
  }

  @Override
  public PythonFunction budget(Duration budget) {
    positive("budget", budget);
    return repeated(budget, request.retries(), request.idempotent(), request.fallback());
  }

  @Override
  public PythonFunction retries(int retries) {
    if (retries < 0) {
      throw new IllegalArgumentException("retries must be zero or more, not " + retries);
    }
    return repeated(request.budget(), retries, request.idempotent(), request.fallback());
  }

  @Override
  public PythonFunction idempotent() {
    return repeated(request.budget(), request.retries(), true, request.fallback());
  }

  @Override
  public PythonFunction fallback(Function<? super PythonPoolException, ?> fallback) {
    return repeated(request.budget(), request.retries(), request.idempotent(), fallback);
  }

  @Override
  public PythonFunction fallbackTo(String target) {
    return fallback(new PythonFallback(of(path, target, request.session()).request));
  }

  private PythonFunction repeated(
      Duration budget,
      int retries,
      boolean idempotent,
      Function<? super PythonPoolException, ?> fallback) {
    return limited(request.repeated(budget, retries, idempotent, fallback));
  }

  private PythonFunction limited(CallRequest changed) {
    return new FunctionRequest(path, changed, positional, named, idle);
  }

  private static void positive(String name, Duration value) {
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException("A " + name + " must be positive, not " + value);
    }
  }

  private CallRequest returning(Type type) {
    CallRequest r = request;
    return new CallRequest(
        r.target(),
        r.targetBytes(),
        positional,
        named,
        type,
        r.timeout(),
        r.checkoutTimeout(),
        r.budget(),
        r.retries(),
        r.idempotent(),
        r.session(),
        Traces.current(),
        r.fallback());
  }

  @Override
  @SuppressWarnings("unchecked") // the path returns the request's type
  public <T> T call(Class<T> type) {
    return (T) PythonFallback.call(path, returning(type));
  }

  @Override
  @SuppressWarnings("unchecked") // the path returns the request's type
  public <T> T call(PythonType<T> type) {
    Type within = Noting.within(type.type());
    if (within != null) {
      return (T) Noting.answered(path, returning(within));
    }
    return (T) PythonFallback.call(path, returning(type.type()));
  }

  @Override
  public void call() {
    PythonFallback.call(path, returning(Void.class));
  }

  @Override
  public <T> CompletableFuture<T> callAsync(Class<T> type) {
    return async(type);
  }

  @Override
  public <T> CompletableFuture<T> callAsync(PythonType<T> type) {
    return async(type.type());
  }

  @Override
  public CompletableFuture<Void> callAsync() {
    return async(Void.class);
  }

  @SuppressWarnings("unchecked") // the path returns the request's type
  private <T> CompletableFuture<T> async(Type type) {
    Type within = Noting.within(type);
    if (within != null) {
      return (CompletableFuture<T>) Noting.answeredAsync(path, returning(within));
    }
    return (CompletableFuture<T>) PythonFallback.callAsync(path, returning(type));
  }

  @Override
  public <T> Stream<T> stream(Class<T> type) {
    return ItemIterator.begin(path, streamed(), type, idle);
  }

  @Override
  public <T> Stream<T> stream(PythonType<T> type) {
    return ItemIterator.begin(path, streamed(), type.type(), idle);
  }

  @Override
  public <T> Flow.Publisher<T> publisher(Class<T> type) {
    return new ItemPublisher<>(path, streamed(), type, idle);
  }

  @Override
  public <T> Flow.Publisher<T> publisher(PythonType<T> type) {
    return new ItemPublisher<>(path, streamed(), type.type(), idle);
  }

  private CallRequest streamed() {
    if (request.fallback() != null) {
      throw new IllegalStateException(
          "A stream has no fallback, since its first items may have been read when it fails: "
              + request.target());
    }
    return returning(Void.class);
  }

  @Override
  public String toString() {
    return "PythonFunction[" + request.target() + "]";
  }
}
