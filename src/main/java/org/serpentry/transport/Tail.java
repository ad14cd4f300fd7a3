// SPDX-License-Identifier: Apache-2.0
package org.serpentry.transport;

import java.nio.ByteBuffer;

/** The bytes that follow a call's JSON in its frame: its binary attachments. Not thread-safe. */
public interface Tail {

  /**
   * How many there are.
   *
   * @return their number, more than zero
   */
  long length();

  /**
   * Writes what comes next, as much as the buffer takes; nothing when it has no room for one
   * element.
   *
   * @param out the buffer, at least 64 bytes of which are free or will be at the next call
   * @return whether all has been written
   */
  boolean copy(ByteBuffer out);
}
