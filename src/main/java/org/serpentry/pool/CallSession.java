// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

/** The session that a call belongs to. */
public interface CallSession {

  /**
   * Its id.
   *
   * @return the id as workers and logs know it; null for a call of the pool's own
   */
  String id();
}
