// SPDX-License-Identifier: Apache-2.0
package org.serpentry.session;

import java.nio.charset.StandardCharsets;

/** The form of session ids. */
public final class SessionIds {

  /** The longest id in bytes. */
  public static final int MOST_BYTES = 256;

  private SessionIds() {}

  /**
   * Checks an id.
   *
   * @param id the id
   * @return the same
   * @throws IllegalArgumentException when it is empty, too long or has control characters
   */
  public static String checked(String id) {
    if (id.isEmpty()
        || id.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES
        || id.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "A session's id has 1 to %d bytes and no control characters; refused is '%s'"
              .formatted(MOST_BYTES, id.length() > 300 ? id.substring(0, 300) + "…" : id));
    }
    return id;
  }

  /**
   * The id of a caller's own session.
   *
   * @param principal the caller's name, empty for nobody known
   * @param id the id that the caller uses
   * @return the caller's name, a colon and the id; two callers never have the same
   */
  public static String of(String principal, String id) {
    return principal.replace("%", "%25").replace(":", "%3A") + ":" + id;
  }
}
