// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** The request exceeds a limit and was not sent. */
public final class RequestTooLargeException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  /**
   * Refuses.
   *
   * @param context where
   * @param what is too large, for example {@code the request's frame}, with its unit
   * @param size that it has
   * @param limit that it exceeds
   * @param key of the setting that holds the limit
   */
  public RequestTooLargeException(
      ErrorContext context, String what, long size, long limit, String key) {
    super(
        ErrorCategory.RESOURCE,
        "request_too_large",
        context.with("size", size).with("limit", limit).with("key", key).withRetrySafe(false),
        what + " is " + size + ", the limit " + limit + "; send less, or raise " + key,
        null);
  }
}
