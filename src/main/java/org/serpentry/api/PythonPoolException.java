// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import jakarta.ejb.ApplicationException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Every failure of a pool or of a call. The message begins with the pool's name and says what
 * happened, in numbers where there are any, and what to do.
 *
 * <p>The annotation lets an EJB's caller see the exception itself, and the bean survive it. Outside
 * a server, where its class is missing, the JVM ignores it.
 */
@ApplicationException(inherited = true)
public class PythonPoolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCategory category;
  private final String type;
  private final String pool;
  private final String workerId;
  private final long requestId;
  private final String sessionId;
  private final boolean retrySafe;
  private final LinkedHashMap<String, Object> context;

  /**
   * A failure for which there is no subtype.
   *
   * @param category the coarse kind
   * @param type the fine kind, in snake_case; part of the interface, so never the text of a message
   * @param context where it happened
   * @param text what happened and what to do, without the pool's name
   * @param cause or null
   */
  public PythonPoolException(
      ErrorCategory category, String type, ErrorContext context, String text, Throwable cause) {
    super(message(context, text), cause);
    this.category = category;
    this.type = type;
    this.pool = context.pool();
    this.workerId = context.workerId();
    this.requestId = context.requestId();
    this.sessionId = context.sessionId();
    this.retrySafe = context.retrySafe();
    this.context = new LinkedHashMap<>(context.values());
  }

  /** The coarse kind. */
  public final ErrorCategory category() {
    return category;
  }

  /** The fine kind in snake_case, for example {@code checkout_timeout}. */
  public final String type() {
    return type;
  }

  /** Name of the pool. */
  public final String pool() {
    return pool;
  }

  /** The worker, when one was involved. */
  public final Optional<String> workerId() {
    return Optional.ofNullable(workerId);
  }

  /** Number of the request on the wire, when one was given. */
  public final OptionalLong requestId() {
    return requestId == 0 ? OptionalLong.empty() : OptionalLong.of(requestId);
  }

  /** The caller's session, when it has one. */
  public final Optional<String> sessionId() {
    return Optional.ofNullable(sessionId);
  }

  /** Further facts; texts, numbers and booleans. Not modifiable. */
  public final Map<String, Object> context() {
    return Collections.unmodifiableMap(context);
  }

  /**
   * Whether the same call may succeed when it is repeated, and repeating it can do no harm: it
   * certainly did not start, or is declared idempotent.
   */
  public boolean isTransient() {
    return retrySafe;
  }

  private static String message(ErrorContext context, String text) {
    StringBuilder message = new StringBuilder(context.pool()).append(" - ").append(text);
    String separator = " [";
    if (context.workerId() != null) {
      message.append(separator).append("worker ").append(context.workerId());
      separator = ", ";
    }
    if (context.requestId() != 0) {
      message.append(separator).append("request ").append(context.requestId());
      separator = ", ";
    }
    return separator.equals(" [") ? message.toString() : message.append(']').toString();
  }
}
