// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** The result exceeds the frame limit and was not sent; the function itself ran to its end. */
public final class ResultTooLargeException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  /**
   * Reports.
   *
   * @param context where
   * @param target the function called
   * @param size of the encoded result in bytes
   * @param limit that it exceeds, in bytes
   */
  public ResultTooLargeException(ErrorContext context, String target, long size, long limit) {
    super(
        ErrorCategory.RESOURCE,
        "result_too_large",
        context.with("target", target).with("size", size).with("limit", limit).withRetrySafe(false),
        "the result of "
            + target
            + " has "
            + size
            + " bytes, the limit is "
            + limit
            + "; return less, or raise max-frame-size",
        null);
  }
}
