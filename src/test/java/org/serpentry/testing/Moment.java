// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.util.Locale;

/** When a {@link Fault} strikes, in the order in which a worker meets these moments. */
public enum Moment {
  /**
   * While the code is imported: by the next template, or by each next worker when the pool spawns.
   */
  IMPORT,
  /** The worker's process exists and has not connected. */
  BEFORE_HELLO,
  /** Half of its HELLO has been sent. */
  MID_HELLO,
  /** The handshake has gone well; the worker has not begun to wait for calls. */
  AFTER_HANDSHAKE,
  /**
   * The first bytes of a request have been read, and the call has certainly not begun: the pool may
   * repeat it.
   */
  READING_CALL,
  /** The function has returned, nothing of its reply has been sent. */
  BEFORE_REPLY,
  /** Half of the reply has been sent. */
  MID_REPLY,
  /** The whole reply has been sent. */
  AFTER_REPLY;

  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
