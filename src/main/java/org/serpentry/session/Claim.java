// SPDX-License-Identifier: Apache-2.0
package org.serpentry.session;

/** Somebody who waits for a turn. */
@FunctionalInterface
public interface Claim {

  /** It is its turn now. Called once, by any thread; must not block. */
  void granted();
}
