// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.ByteBuffer;
import org.serpentry.transport.Tail;

/** A session's state at the end of a call's frame. Used by one thread at a time. */
final class StateTail implements Tail {

  private final Tail before;
  private final byte[] state;
  private int from;

  /**
   * A state.
   *
   * @param before what else follows the payload, or null
   * @param state the state
   */
  StateTail(Tail before, byte[] state) {
    this.before = before;
    this.state = state;
  }

  @Override
  public long length() {
    return state.length + (before == null ? 0 : before.length());
  }

  @Override
  public boolean copy(ByteBuffer out) {
    if (before != null && !before.copy(out)) {
      return false;
    }
    int chunk = Math.min(out.remaining(), state.length - from);
    out.put(state, from, chunk);
    from += chunk;
    return from == state.length;
  }
}
