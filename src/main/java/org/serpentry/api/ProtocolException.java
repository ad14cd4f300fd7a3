// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** Bytes that are no valid frame or message; the worker they came from is discarded. */
public final class ProtocolException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  /**
   * Reports.
   *
   * @param context where
   * @param text what was wrong, with the numbers read and the bound
   * @param cause or null
   */
  public ProtocolException(ErrorContext context, String text, Throwable cause) {
    super(ErrorCategory.COMMUNICATION, "protocol_error", context, text, cause);
  }
}
