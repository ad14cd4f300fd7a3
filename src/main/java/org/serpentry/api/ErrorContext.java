// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Where a failure happened; what the code that throws knows. Immutable.
 *
 * <p>The values appear in logs: nothing secret belongs here, neither arguments nor results.
 *
 * @param pool name of the pool, never null
 * @param workerId the worker as people know it, or null when none was involved
 * @param requestId number of the request on the wire, or 0 when none was sent
 * @param sessionId the caller's session, or null
 * @param retrySafe whether the call certainly did not start, or is declared idempotent
 * @param values further facts; texts, numbers and booleans only
 */
public record ErrorContext(
    String pool,
    String workerId,
    long requestId,
    String sessionId,
    boolean retrySafe,
    Map<String, Object> values) {

  /** Copies the values; what is neither text, number nor boolean becomes text. */
  public ErrorContext {
    Objects.requireNonNull(pool, "pool");
    Map<String, Object> copy = new LinkedHashMap<>();
    values.forEach((key, value) -> copy.put(key, plain(value)));
    values = Collections.unmodifiableMap(copy);
  }

  /** A context that knows the pool only. */
  public static ErrorContext ofPool(String pool) {
    return new ErrorContext(pool, null, 0, null, false, Map.of());
  }

  /** The same with a worker. */
  public ErrorContext withWorker(String id) {
    return new ErrorContext(pool, id, requestId, sessionId, retrySafe, values);
  }

  /** The same with a request; 0 means none. */
  public ErrorContext withRequest(long id) {
    return new ErrorContext(pool, workerId, id, sessionId, retrySafe, values);
  }

  /** The same with a session; null means none. */
  public ErrorContext withSession(String id) {
    return new ErrorContext(pool, workerId, requestId, id, retrySafe, values);
  }

  /** The same with the answer to whether repeating the call can do no harm. */
  public ErrorContext withRetrySafe(boolean safe) {
    return new ErrorContext(pool, workerId, requestId, sessionId, safe, values);
  }

  /** The same with one more fact. */
  public ErrorContext with(String key, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(values);
    more.put(key, value);
    return new ErrorContext(pool, workerId, requestId, sessionId, retrySafe, more);
  }

  // Exceptions cross to remote callers, so everything in them must be serializable everywhere.
  private static Object plain(Object value) {
    return value instanceof Number || value instanceof Boolean ? value : String.valueOf(value);
  }
}
