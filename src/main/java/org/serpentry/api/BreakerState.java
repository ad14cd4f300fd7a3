// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** Where a pool's crash breaker stands. */
public enum BreakerState {
  /** Workers that end are replaced. */
  CLOSED,
  /** Too many workers died before they served a call: none is started. */
  OPEN,
  /** One worker is tried; its success closes the breaker, its death opens it again. */
  HALF_OPEN;

  /**
   * Whether a breaker in this state may move to another.
   *
   * @param next the other state
   * @return whether the move is legal
   */
  public boolean mayBecome(BreakerState next) {
    return switch (this) {
      case CLOSED -> next == OPEN;
      case OPEN -> next == HALF_OPEN || next == CLOSED;
      case HALF_OPEN -> next == OPEN || next == CLOSED;
    };
  }
}
