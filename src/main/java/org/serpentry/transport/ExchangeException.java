// SPDX-License-Identifier: Apache-2.0
package org.serpentry.transport;

import java.io.IOException;
import org.serpentry.protocol.MalformedFrameException;

/** Why an exchange has no reply. The pool turns it into an exception of the API. */
public final class ExchangeException extends Exception {

  private static final long serialVersionUID = 1L;

  /** The kinds of failure. */
  public enum Reason {
    /** The deadline passed. */
    DEADLINE,
    /** The waiting thread was interrupted; its interrupt status is kept. */
    INTERRUPTED,
    /** The worker died or its connection ended. */
    SEVERED,
    /** Somebody else gave the call up. */
    ABANDONED,
    /** The worker sent bytes that are no frame. */
    MALFORMED
  }

  private final Reason reason;
  private final boolean sent;

  ExchangeException(Reason reason, boolean sent, Throwable cause) {
    super(reason.name(), cause, false, false);
    this.reason = reason;
    this.sent = sent;
  }

  static Reason reasonOf(Exception e) {
    return e instanceof MalformedFrameException ? Reason.MALFORMED : Reason.SEVERED;
  }

  /**
   * What happened.
   *
   * @return the reason
   */
  public Reason reason() {
    return reason;
  }

  /**
   * Whether the whole request had been sent.
   *
   * @return false when part of it never left
   */
  public boolean sent() {
    return sent;
  }

  /**
   * The input or output error behind it.
   *
   * @return the cause, or null
   */
  public IOException ioCause() {
    return getCause() instanceof IOException io ? io : null;
  }
}
