// SPDX-License-Identifier: Apache-2.0
package org.serpentry.spi;

/**
 * Something happened to a session.
 *
 * @param pool its pool
 * @param session its id
 * @param kind what
 * @param slot the slot of its worker then, or -1
 */
public record SessionEvent(String pool, String session, Kind kind, int slot) {

  /** What happens to sessions. */
  public enum Kind {
    /** Its first call came. */
    STARTED,
    /** It was ended by the application or an operator. */
    ENDED,
    /** It had not been used for {@code session-timeout}. */
    EXPIRED,
    /** Another worker serves it from now on. */
    MOVED,
    /** What it kept on its worker has been lost with it. */
    LOST
  }
}
