// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.serpentry.api.BindingException;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.CheckoutTimeoutException;
import org.serpentry.api.CircuitOpenException;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.FunctionNotExposedException;
import org.serpentry.api.PoolClosedException;
import org.serpentry.api.PoolCounts;
import org.serpentry.api.PoolFailedException;
import org.serpentry.api.PoolSuspendedException;
import org.serpentry.api.ProtocolException;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonError;
import org.serpentry.api.PythonFrame;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.QueueFullException;
import org.serpentry.api.RequestTooLargeException;
import org.serpentry.api.ResultTooLargeException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.api.WorkerExit;
import org.serpentry.api.WorkerStartException;
import org.serpentry.attachment.MismatchException;
import org.serpentry.recovery.CircuitView;
import org.serpentry.worker.ExitReport;
import org.serpentry.worker.Worker;

/** Makes the exceptions of one pool, each with what is known about the call. Immutable. */
final class Failures {

  private final String pool;
  private final long frameLimit;
  private final Duration budget;

  Failures(String pool, long frameLimit) {
    this(pool, frameLimit, Duration.ZERO);
  }

  Failures(String pool, long frameLimit, Duration budget) {
    this.pool = pool;
    this.frameLimit = frameLimit;
    this.budget = budget;
  }

  private ErrorContext context(CallRequest request) {
    return ErrorContext.ofPool(pool).withSession(request.sessionId());
  }

  private ErrorContext context(CallRequest request, Worker worker, long id) {
    return context(request)
        .withWorker(worker.slot() + "/" + worker.id())
        .withRequest(id)
        .with("target", request.target());
  }

  PythonPoolException closed() {
    return new PoolClosedException(
        ErrorContext.ofPool(pool), "it has been shut down with its application", null);
  }

  PythonPoolException failed(String reason) {
    return new PoolFailedException(ErrorContext.ofPool(pool), reason);
  }

  PythonPoolException closedDuring(CallRequest request, Worker worker, long id) {
    return new PoolClosedException(
        context(request, worker, id), "it was shut down while the call ran", null);
  }

  PythonPoolException suspended() {
    return new PoolSuspendedException(ErrorContext.ofPool(pool));
  }

  PythonPoolException unavailable(String reason) {
    return new WorkerStartException(
        ErrorContext.ofPool(pool).withRetrySafe(true),
        "no worker can be started: " + reason,
        List.of(),
        null);
  }

  /** The crash breaker is open: no worker is there and none will be started for a while. */
  PythonPoolException breakerOpen(ExitReport last, Duration remaining) {
    return new CircuitOpenException(
        ErrorContext.ofPool(pool),
        remaining,
        "a worker that ended by " + last.explain(),
        new WorkerStartException(
            ErrorContext.ofPool(pool).with("exit", last.describe()),
            "a worker ended by " + last.describe(),
            last.tail(),
            null));
  }

  /** Too many calls have failed in a row. */
  PythonPoolException circuitOpen(CallRequest request, CircuitView circuit) {
    return new CircuitOpenException(
        context(request).with("target", request.target()).with("circuit", circuit.name()),
        Duration.ofMillis(circuit.remainingMillis()),
        circuit.cause(),
        null);
  }

  PythonPoolException blocked(CallRequest request, CircuitView block) {
    return CircuitOpenException.byHand(
        context(request).with("target", request.target()).with("circuit", block.name()),
        block.name() + " is " + block.cause() + " until its circuit is reset");
  }

  PythonPoolException startTimedOut(Duration timeout, PoolCounts counts) {
    return new WorkerStartException(
        ErrorContext.ofPool(pool),
        "its workers were not ready within start-timeout (%s): %s".formatted(timeout, counts),
        List.of(),
        null);
  }

  PythonPoolException queueFull(CallRequest request, int capacity, PoolCounts counts) {
    return new QueueFullException(context(request), capacity, counts);
  }

  PythonPoolException checkoutTimedOut(CallRequest request, Duration waited, PoolCounts counts) {
    return new CheckoutTimeoutException(context(request).withRetrySafe(true), waited, counts);
  }

  PythonPoolException tooLarge(CallRequest request, long size) {
    return new RequestTooLargeException(
        context(request), "the request to " + request.target(), size, frameLimit, "max-frame-size");
  }

  PythonPoolException unencodable(CallRequest request, RuntimeException cause) {
    return new BindingException(
        context(request),
        BindingException.Direction.ARGUMENT,
        "the arguments of %s cannot be written as JSON: %s"
            .formatted(request.target(), cause.getMessage()),
        cause);
  }

  PythonPoolException noAttachments(CallRequest request, Worker worker, long id) {
    return new ProtocolException(
        context(request, worker, id),
        "its Python runtime takes no binary attachments: use the one that came with this serpentry.jar",
        null);
  }

  PythonPoolException undecodable(
      CallRequest request, Worker worker, long id, RuntimeException cause) {
    ErrorContext context = context(request, worker, id);
    if (cause instanceof MismatchException mismatch) {
      context = context.with("expected", mismatch.expected()).with("actual", mismatch.actual());
    }
    return new BindingException(
        context,
        BindingException.Direction.RESULT,
        "the result of %s does not fit %s: %s"
            .formatted(request.target(), request.type().getTypeName(), cause.getMessage()),
        cause);
  }

  PythonPoolException interrupted(CallRequest request) {
    return new CallCancelledException(
        context(request), request.target(), "its thread's interrupt while it waited", null);
  }

  CallCancelledException cancelled(CallRequest request, Worker worker, long id, String by) {
    return new CallCancelledException(context(request, worker, id), request.target(), by, null);
  }

  CallTimeoutException timedOut(CallRequest request, Worker worker, long id, Duration timeout) {
    Duration all = request.budget() != null ? request.budget() : budget;
    ErrorContext context = context(request, worker, id);
    return new CallTimeoutException(
        all.isZero() ? context : context.with("budgetMillis", all.toMillis()),
        request.target(),
        timeout,
        "");
  }

  /** A stream's next item did not come. */
  CallTimeoutException stalled(CallRequest request, Worker worker, long id, Duration idle) {
    return new CallTimeoutException(context(request, worker, id), request.target(), idle);
  }

  PythonPoolException malformed(CallRequest request, Worker worker, long id, Throwable cause) {
    return new ProtocolException(
        context(request, worker, id),
        "the worker sent what is no reply: " + cause.getMessage(),
        cause);
  }

  /** The worker died. Repeating is safe when the call had not begun, or is idempotent. */
  PythonPoolException crashed(CallRequest request, Worker worker, long id, ExitReport exit) {
    // Its word is final only once its process has been reaped: after the loss of the launcher it
    // may
    // live for another moment and begin what lies in its socket.
    boolean begun = !exit.reaped() || worker.hasBegun(id);
    WorkerExit how =
        exit.signal() != null
            ? WorkerExit.ofSignal(exit.signal())
            : exit.exitCode() != null ? WorkerExit.ofCode(exit.exitCode()) : WorkerExit.unknown();
    ErrorContext context =
        context(request, worker, id)
            .withRetrySafe(!begun || request.idempotent())
            .with("begun", begun);
    if (!exit.reason().isEmpty()) {
      context = context.with("reason", exit.reason());
    }
    if (!exit.dump().isEmpty()) {
      context = context.with("stackDump", exit.dump());
    }
    return new WorkerCrashedException(context, how, exit.tail());
  }

  /** An ERROR frame's payload as an exception. */
  PythonPoolException ofError(
      CallRequest request, Worker worker, long id, Map<String, Object> error) {
    ErrorContext context = context(request, worker, id);
    String message = text(error, "message");
    Map<?, ?> details = error.get("details") instanceof Map<?, ?> map ? map : Map.of();
    for (Map.Entry<?, ?> detail : details.entrySet()) {
      context = context.with(String.valueOf(detail.getKey()), detail.getValue());
    }
    return switch (text(error, "code")) {
      case "PYTHON" -> new PythonCallException(context, request.target(), python(error, false));
      case "IMPORT_FAILED" ->
          new PythonCallException(context, request.target(), python(error, true));
      case "CANCELLED" -> new CallCancelledException(context, request.target(), "Python", null);
      case "NOT_EXPOSED", "MODULE_NOT_FOUND" ->
          new FunctionNotExposedException(context, request.target(), message);
      case "BINDING" ->
          new BindingException(context, BindingException.Direction.ARGUMENT, message, null);
      case "ENCODING", "NOT_A_STREAM" ->
          new BindingException(context, BindingException.Direction.RESULT, message, null);
      case "RESULT_TOO_LARGE" ->
          new ResultTooLargeException(
              context, request.target(), number(details, "size"), number(details, "limit"));
      default -> new ProtocolException(context, message, null);
    };
  }

  private static PythonError python(Map<String, Object> error, boolean importing) {
    List<PythonFrame> frames = new ArrayList<>();
    if (error.get("frames") instanceof List<?> list) {
      for (Object element : list) {
        if (element instanceof Map<?, ?> frame) {
          frames.add(
              new PythonFrame(
                  text(frame, "module"),
                  text(frame, "function"),
                  text(frame, "file"),
                  (int) number(frame, "line")));
        }
      }
    }
    return new PythonError(
        text(error, "type"), text(error, "message"), text(error, "traceback"), frames, importing);
  }

  private static String text(Map<?, ?> map, String key) {
    return map.get(key) instanceof String text ? text : "";
  }

  private static long number(Map<?, ?> map, String key) {
    return map.get(key) instanceof Number number ? number.longValue() : 0;
  }
}
