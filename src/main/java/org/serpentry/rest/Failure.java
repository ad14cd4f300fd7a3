// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.ws.rs.WebApplicationException;
import java.time.Duration;
import org.serpentry.api.BindingException;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.CheckoutTimeoutException;
import org.serpentry.api.CircuitOpenException;
import org.serpentry.api.EnvironmentException;
import org.serpentry.api.FunctionNotExposedException;
import org.serpentry.api.PoolClosedException;
import org.serpentry.api.PoolFailedException;
import org.serpentry.api.PoolSuspendedException;
import org.serpentry.api.ProtocolException;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.QueueFullException;
import org.serpentry.api.RequestTooLargeException;
import org.serpentry.api.ResultTooLargeException;
import org.serpentry.api.SessionBusyException;
import org.serpentry.api.SessionConflictException;
import org.serpentry.api.SessionLimitException;
import org.serpentry.api.SessionLostException;
import org.serpentry.api.TransientPythonPoolException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.api.WorkerStartException;

/**
 * What a client is told of an exception.
 *
 * @param problem the kind
 * @param status the HTTP status
 * @param retryAfterSeconds when to come again; 0: not said
 */
record Failure(Problem problem, int status, long retryAfterSeconds) {
  private static final int UNAVAILABLE = 503;
  private static final long SOON = 1;
  private static final long LATER = 10;
  private static final long WHEN_SOMEBODY_ACTS = 30;

  /** Translates any exception; what is not foreseen is {@link Problem#INTERNAL}. */
  static Failure of(Throwable thrown) {
    if (thrown instanceof RefusedException refused) {
      return of(refused.problem(), 0);
    }
    if (thrown instanceof TransientPythonPoolException wrapped) {
      return of(wrapped.unwrap());
    }
    if (thrown instanceof PythonPoolException failure) {
      return ofPool(failure);
    }
    if (thrown instanceof WebApplicationException refused) {
      return ofHttp(refused.getResponse().getStatus());
    }
    return of(Problem.INTERNAL, 0);
  }

  private static Failure ofPool(PythonPoolException failure) {
    if (failure instanceof CheckoutTimeoutException) {
      return of(Problem.CHECKOUT_TIMEOUT, SOON);
    }
    if (failure instanceof QueueFullException) {
      return of(Problem.QUEUE_FULL, SOON);
    }
    if (failure instanceof SessionBusyException) {
      return of(Problem.SESSION_BUSY, SOON);
    }
    if (failure instanceof SessionLimitException) {
      return ofWorker(Problem.SESSION_LIMIT, failure);
    }
    if (failure instanceof PoolSuspendedException) {
      return of(Problem.POOL_SUSPENDED, WHEN_SOMEBODY_ACTS);
    }
    if (failure instanceof PoolClosedException) {
      return of(Problem.POOL_CLOSED, WHEN_SOMEBODY_ACTS);
    }
    if (failure instanceof PoolFailedException) {
      return of(Problem.POOL_FAILED, WHEN_SOMEBODY_ACTS);
    }
    if (failure instanceof CircuitOpenException open) {
      return of(Problem.CIRCUIT_OPEN, seconds(open.retryAfter()));
    }
    if (failure instanceof WorkerStartException) {
      return of(Problem.WORKER_START_FAILED, LATER);
    }
    if (failure instanceof WorkerCrashedException) {
      return ofWorker(Problem.WORKER_CRASHED, failure);
    }
    if (failure instanceof ProtocolException) {
      return ofWorker(Problem.PROTOCOL_ERROR, failure);
    }
    return of(ofCall(failure), 0);
  }

  private static Problem ofCall(PythonPoolException failure) {
    if (failure instanceof PythonCallException python) {
      return python.type().equals("import_failed") ? Problem.IMPORT_FAILED : Problem.PYTHON_ERROR;
    }
    if (failure instanceof BindingException binding) {
      return binding.direction() == BindingException.Direction.ARGUMENT
          ? Problem.ARGUMENT_BINDING
          : Problem.RESULT_BINDING;
    }
    if (failure instanceof FunctionNotExposedException) {
      return Problem.FUNCTION_NOT_EXPOSED;
    }
    if (failure instanceof SessionLostException) {
      return Problem.SESSION_LOST;
    }
    if (failure instanceof SessionConflictException) {
      return Problem.SESSION_CONFLICT;
    }
    if (failure instanceof CallTimeoutException) {
      return Problem.COMMAND_TIMEOUT;
    }
    if (failure instanceof CallCancelledException) {
      return Problem.CALL_CANCELLED;
    }
    if (failure instanceof RequestTooLargeException) {
      return Problem.REQUEST_TOO_LARGE;
    }
    if (failure instanceof ResultTooLargeException) {
      return Problem.RESULT_TOO_LARGE;
    }
    return failure instanceof EnvironmentException ? Problem.ENVIRONMENT : Problem.INTERNAL;
  }

  // Only a call that certainly did not start may be invited to come again.
  private static Failure ofWorker(Problem problem, PythonPoolException failure) {
    return failure.isTransient() ? new Failure(problem, UNAVAILABLE, SOON) : of(problem, 0);
  }

  private static Failure ofHttp(int status) {
    return of(
        switch (status) {
          case 401 -> Problem.UNAUTHENTICATED;
          case 403 -> Problem.FORBIDDEN;
          case 404 -> Problem.FUNCTION_NOT_EXPOSED;
          case 405 -> Problem.METHOD_NOT_ALLOWED;
          case 406 -> Problem.NOT_ACCEPTABLE;
          case 413 -> Problem.REQUEST_TOO_LARGE;
          case 415 -> Problem.UNSUPPORTED_MEDIA_TYPE;
          default -> status >= 400 && status < 500 ? Problem.BAD_REQUEST : Problem.INTERNAL;
        },
        0);
  }

  private static Failure of(Problem problem, long retryAfterSeconds) {
    return new Failure(problem, problem.status(), retryAfterSeconds);
  }

  private static long seconds(Duration wait) {
    return wait.isZero() ? LATER : Math.max(SOON, wait.plusMillis(999).toSeconds());
  }
}
