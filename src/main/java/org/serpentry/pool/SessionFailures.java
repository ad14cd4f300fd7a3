// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.List;
import org.serpentry.api.ErrorCategory;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.SessionBusyException;
import org.serpentry.api.SessionConflictException;
import org.serpentry.api.SessionLimitException;
import org.serpentry.api.SessionLostException;
import org.serpentry.config.SessionConfig;
import org.serpentry.spi.SessionStore;
import org.serpentry.worker.Worker;

/** Makes the exceptions that sessions cause. Immutable. */
final class SessionFailures {

  private final String pool;
  private final SessionConfig config;
  private final Failures calls;

  SessionFailures(String pool, SessionConfig config, Failures calls) {
    this.pool = pool;
    this.config = config;
    this.calls = calls;
  }

  private ErrorContext context(CallRequest request) {
    return ErrorContext.ofPool(pool)
        .withSession(request.sessionId())
        .with("target", request.target());
  }

  PythonPoolException tooMany(CallRequest request) {
    return tooMany(context(request));
  }

  PythonPoolException tooMany(String id) {
    return tooMany(ErrorContext.ofPool(pool).withSession(id));
  }

  private PythonPoolException tooMany(ErrorContext context) {
    return new SessionLimitException(
        context.withRetrySafe(true),
        "session-limit",
        "%d sessions are open, which is all that may be; end() those that are not needed, lower"
                .formatted(config.limit())
            + " session-timeout or raise session-limit",
        null);
  }

  PythonPoolException lost(CallRequest request) {
    return new SessionLostException(context(request));
  }

  PythonPoolException workerBusy(CallRequest request, int slot) {
    return new SessionBusyException(
        context(request),
        "its worker in slot " + slot + " runs another call, and session-strict-wait is false");
  }

  PythonPoolException callBefore(CallRequest request) {
    return new SessionBusyException(
        context(request), "a call of it is running, and session-strict-wait is false");
  }

  PythonPoolException noTurn(CallRequest request, Duration waited) {
    return new SessionBusyException(
        context(request),
        "the calls of it that came before did not end within %d ms (checkout-timeout)"
            .formatted(waited.toMillis()));
  }

  PythonPoolException noTarget(CallRequest request, int slot) {
    return new SessionBusyException(context(request), "the worker of slot " + slot + " has gone");
  }

  PythonPoolException stateTooLarge(CallRequest request, int size) {
    return new SessionLimitException(
        context(request),
        "session-state-size",
        "%s left a state of %d bytes in session %s, more than session-state-size=%d; the state stays"
                .formatted(request.target(), size, request.sessionId(), config.stateSize())
            + " as it was",
        null);
  }

  PythonPoolException storeFull(CallRequest request, SessionStore.FullException cause) {
    return new SessionLimitException(
        context(request),
        "session-store-size",
        "the state of session %s stays as it was: %s; raise session-store-size or end() sessions"
            .formatted(request.sessionId(), cause.getMessage()),
        cause);
  }

  PythonPoolException storeFailed(CallRequest request, RuntimeException cause) {
    return new PythonPoolException(
        ErrorCategory.SYSTEM,
        "session_store_failed",
        context(request),
        "the session store failed for session %s: %s".formatted(request.sessionId(), cause),
        cause);
  }

  /** A session goes on, since what belongs to it could not be dropped. */
  PythonPoolException notEnded(String id, List<String> left, List<RuntimeException> causes) {
    return withAll(
        ErrorContext.ofPool(pool).withSession(id),
        "the session %s has not ended, since its %s could not be dropped: %s; end it again when the session store serves"
            .formatted(id, String.join(" and ", left), causes.get(0)),
        causes);
  }

  PythonPoolException notSwept(List<RuntimeException> causes) {
    return withAll(
        ErrorContext.ofPool(pool),
        "some sessions nobody uses have not ended; the next sweep tries again: "
            + causes.get(0).getMessage(),
        causes);
  }

  private static PythonPoolException withAll(
      ErrorContext context, String text, List<RuntimeException> causes) {
    PythonPoolException failure =
        new PythonPoolException(
            ErrorCategory.SYSTEM, "session_store_failed", context, text, causes.get(0));
    causes.subList(1, causes.size()).forEach(failure::addSuppressed);
    return failure;
  }

  PythonPoolException conflict(CallRequest request) {
    return new SessionConflictException(context(request).withRetrySafe(request.idempotent()));
  }

  PythonPoolException malformed(CallRequest request, Worker worker, long id, Throwable cause) {
    return calls.malformed(request, worker, id, cause);
  }
}
