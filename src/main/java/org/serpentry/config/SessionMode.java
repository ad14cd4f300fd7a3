// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

/** How a pool treats the calls of one session. */
public enum SessionMode {
  /** They are counted and nothing else: any worker serves any of them, and none keeps anything. */
  NONE,
  /** They go to the session's worker when it is free, else to another with the session's state. */
  HINT,
  /** They go to the session's worker, and to another only when that one has gone. */
  STRICT
}
