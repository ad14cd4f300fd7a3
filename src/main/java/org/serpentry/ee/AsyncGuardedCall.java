// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.ErrorCategory;
import org.serpentry.api.ProtocolException;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.api.WorkerStartException;
import org.serpentry.ee.CircuitBreaker.Verdict;
import org.serpentry.pool.CallRequest;
import org.serpentry.pool.CallerFuture;

/**
 * One asynchronous call under its guard, which is also its caller's future. It is settled once, by
 * the core's answer, by the limit of time or by the caller who gives it up: then it leaves the
 * guard. A future that is not ended within a second of its limit, since the server's executor is
 * full or the fallback hangs, ends elsewhere.
 */
final class AsyncGuardedCall extends CallerFuture {

  private static final long RESCUE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final AsyncGuard guard;
  private final CallRequest request;
  private final Executor completions;
  private final AtomicBoolean settled = new AtomicBoolean();
  private volatile CompletableFuture<Object> attempt;
  private volatile Future<?> timer;
  private long admission;

  AsyncGuardedCall(AsyncGuard guard, CallRequest request, Executor completions) {
    this.guard = guard;
    this.request = request;
    this.completions = completions;
  }

  /** Starts it; once, before anybody else has it. */
  @SuppressWarnings("FutureReturnValueIgnored") // the call itself is what ends
  void start() {
    try {
      admission = guard.enter(request);
    } catch (PythonPoolException e) {
      settled.set(true);
      refused(e);
      return;
    }
    guard.began(this);
    Duration limit = guard.limit(request);
    if (limit != null) {
      timer = later(limit.toNanos(), () -> overdue(limit));
    }
    CompletableFuture<Object> running;
    try {
      running = guard.core().callAsync(guard.forCore(request), completions);
    } catch (RuntimeException | Error e) {
      running = CompletableFuture.failedFuture(e);
    }
    attempt = running;
    running.whenComplete(this::answered);
    if (settled.get()) {
      running.cancel(true); // by a limit shorter than the start
    }
  }

  // Still on the caller's thread, which only a fallback might hold up.
  private void refused(PythonPoolException refusal) {
    if (request.fallback() == null || !guard.fallbackEnabled()) {
      refuse(refusal);
      return;
    }
    timer = later(RESCUE_NANOS, () -> guard.rescue().execute(() -> refuse(refusal)));
    completions.execute(() -> finish(null, refusal));
  }

  private Future<?> later(long nanos, Runnable task) {
    try {
      return guard.timers().schedule(task, nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      return null; // The application has ended, and with it the core, which refuses at once.
    }
  }

  // On the executor of the completions, to which the core brings its answer.
  private void answered(Object value, Throwable thrown) {
    Throwable failure =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    if (settle(verdict(failure), failure)) {
      finish(value, failure);
    }
  }

  private void overdue(Duration limit) {
    PythonPoolException failure = GuardFailures.timedOut(guard.config(), request, limit);
    timer = later(RESCUE_NANOS, () -> guard.rescue().execute(() -> refuse(failure)));
    if (settle(Verdict.BAD, failure)) {
      cancelAttempt();
      completions.execute(() -> finish(null, failure));
    }
  }

  private boolean settle(Verdict verdict, Throwable failure) {
    boolean mine = settled.compareAndSet(false, true);
    if (mine) {
      guard.leave(admission, verdict, failure);
    }
    return mine;
  }

  /** As the annotations of the synchronous guard have it. */
  private static Verdict verdict(Throwable failure) {
    if (failure instanceof WorkerCrashedException
        || failure instanceof WorkerStartException
        || failure instanceof ProtocolException
        || failure instanceof CallTimeoutException) {
      return Verdict.BAD;
    }
    boolean answeredByPython =
        failure == null
            || (failure instanceof PythonPoolException e && e.category() == ErrorCategory.PYTHON);
    return answeredByPython ? Verdict.GOOD : Verdict.NONE;
  }

  /** Ends the future, on a thread that has the caller's context. */
  private void finish(Object value, Throwable failure) {
    if (failure == null) {
      end(value);
    } else if (request.fallback() != null
        && guard.fallbackEnabled()
        && failure instanceof PythonPoolException e) {
      answerInstead(e);
    } else {
      endWith(failure);
    }
    over();
  }

  private void answerInstead(PythonPoolException failure) {
    try {
      end(request.fallback().apply(failure));
    } catch (RuntimeException | Error e) {
      endWith(e);
    }
  }

  /** Ends the future whatever else may still come. */
  void refuse(PythonPoolException failure) {
    endWith(failure);
    over();
  }

  private void over() {
    guard.over(this);
    Future<?> limit = timer;
    if (limit != null) {
      limit.cancel(false);
    }
  }

  private void cancelAttempt() {
    CompletableFuture<Object> running = attempt;
    if (running != null) {
      running.cancel(true);
    }
  }

  @Override
  protected void abandoned() {
    settle(Verdict.NONE, new CancellationException());
    over();
    cancelAttempt();
  }
}
