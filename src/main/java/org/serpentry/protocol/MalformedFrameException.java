// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

import java.io.IOException;

/** Bytes that are no frame of this protocol. The connection's framing can no longer be trusted. */
public final class MalformedFrameException extends IOException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message what was wrong, with the offending number
   */
  public MalformedFrameException(String message) {
    super(message);
  }
}
