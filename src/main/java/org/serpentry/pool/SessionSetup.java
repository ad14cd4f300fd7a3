// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import org.serpentry.spi.SessionStore;

/**
 * Where a pool's sessions are kept.
 *
 * @param store the store; null: one of the pool's own, in memory
 * @param prefix comes before the ids of sessions in the store, so that one may serve many pools
 */
record SessionSetup(SessionStore store, String prefix) {
  static final SessionSetup OWN = new SessionSetup(null, "");
}
