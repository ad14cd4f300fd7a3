// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.serpentry.api.BindingException;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.FunctionNotExposedException;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonError;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.api.WorkerExit;
import org.serpentry.pool.CallRequest;
import org.serpentry.pool.CallerFuture;

/**
 * One call of a mock, from its arguments to its end, and the future of it. Its steps follow one
 * another, on the thread that begins it, on the mock's timer and on the executor.
 */
final class MockRun extends CallerFuture {

  private final MockPath path;
  private final CallRequest request;
  private final Executor executor;
  private final ErrorContext context;

  MockRun(MockPath path, CallRequest request, Executor executor) {
    this.path = path;
    this.request = request;
    this.executor = executor;
    this.context =
        ErrorContext.ofPool(path.config().name())
            .withSession(request.sessionId())
            .with("target", request.target())
            .with(Inventor.MARK, true);
  }

  /** Begins, on this thread. */
  void begin() {
    attempt(0);
  }

  private void attempt(int before) {
    if (isDone()) {
      return;
    }
    try {
      MockReply reply = path.reply(request, context);
      Duration limit = path.limit(request);
      boolean endless = reply.end() instanceof MockReply.Hang;
      if (endless || reply.delay().compareTo(limit) > 0) {
        later(limit, () -> fail(new CallTimeoutException(context, request.target(), limit, "")));
      } else {
        later(reply.delay(), () -> finish(reply.end(), before));
      }
    } catch (PythonPoolException e) {
      fail(e);
    } catch (RuntimeException | Error e) {
      endWith(e);
    }
  }

  private void later(Duration delay, Runnable task) {
    if (delay.isZero()) {
      task.run();
    } else {
      path.schedule(delay, () -> onExecutor(task));
    }
  }

  private void onExecutor(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      task.run(); // It is being shut down; the caller still wants its end.
    }
  }

  private void finish(MockReply.End end, int before) {
    if (end instanceof MockReply.Crash && request.idempotent() && before < path.retries(request)) {
      attempt(before + 1);
      return;
    }
    try {
      end(value(end));
    } catch (PythonPoolException e) {
      fail(e);
    } catch (RuntimeException | Error e) {
      endWith(e);
    }
  }

  private Object value(MockReply.End end) {
    if (end instanceof MockReply.Value value && request.itemType() != null) {
      return stream(value.value());
    }
    if (end instanceof MockReply.Value value) {
      return path.values().result(value.value(), request.type(), request.target(), context);
    }
    if (end instanceof MockReply.Raised raised) {
      throw new PythonCallException(
          context,
          request.target(),
          new PythonError(raised.type(), raised.message(), "", List.of(), false));
    }
    if (end instanceof MockReply.Unknown unknown) {
      throw new FunctionNotExposedException(context, request.target(), unknown.text());
    }
    if (end instanceof MockReply.Crash crash) {
      throw new WorkerCrashedException(
          context.withRetrySafe(request.idempotent()),
          WorkerExit.ofCode(crash.exitCode()),
          List.of());
    }
    if (request.itemType() != null) {
      return stream(List.of(Inventor.invent(request.itemType(), request.target())));
    }
    return path.values()
        .result(
            Inventor.invent(request.type(), request.target()),
            request.type(),
            request.target(),
            context);
  }

  private Object stream(Object value) {
    Iterator<?> items = MockItems.of(value);
    if (items == null) {
      throw new BindingException(
          context,
          BindingException.Direction.RESULT,
          MockItems.refusal(request.target(), value),
          null);
    }
    while (!isDone()) {
      Object item;
      try {
        if (!items.hasNext()) {
          break;
        }
        item = items.next();
      } catch (RuntimeException e) {
        return value(MockReply.of(e));
      }
      request.offer(path.values().item(item, request.itemType(), request.target(), context));
    }
    return null;
  }

  private void fail(PythonPoolException failure) {
    if (request.fallback() == null) {
      endWith(failure);
      return;
    }
    try {
      end(request.fallback().apply(failure));
    } catch (RuntimeException | Error e) {
      endWith(e);
    }
  }

  @Override
  protected void abandoned() {
    path.over(this);
  }

  /** The pool is closed before the call has ended. */
  void closeNow() {
    endWith(path.closed());
  }

  /** Waits for its end on the caller's thread. */
  Object await() {
    try {
      return get();
    } catch (InterruptedException e) {
      cancel(true);
      Thread.currentThread().interrupt();
      throw new CallCancelledException(
          context, request.target(), "its thread's interrupt while it waited", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        // Made on another thread, perhaps: this thread's own stack is what the caller needs.
        failure.setStackTrace(Thread.currentThread().getStackTrace());
        throw failure;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
