// SPDX-License-Identifier: Apache-2.0
package org.serpentry.cli;

/** What was asked for cannot be done as it was asked; the message says what to ask instead. */
final class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
