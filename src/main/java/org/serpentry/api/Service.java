// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** What answers the calls of a pool. */
public enum Service {
  /** The pool itself, with its workers. */
  POOL,
  /** One worker in the pool's place, while the pool cannot. */
  SINGLE,
  /** A mock, whose answers are invented or configured. */
  MOCK,
  /** Nothing: the pool has not been started, has been closed, or cannot serve. */
  NONE
}
