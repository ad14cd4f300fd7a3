// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.util.regex.Pattern;

/**
 * Makes text of Python fit for a log: without what could forge a further entry, or steer the
 * terminal that shows it.
 */
public final class SafeText {

  private static final int LONGEST = 16_384;
  private static final int LONGEST_OF_LINES = 163_840; // No traceback and no dump is longer.

  private static final Pattern CREDENTIALS = Pattern.compile("(?<=://)[^/?#\\s]*@");

  private SafeText() {}

  /**
   * One line: control characters, line ends among them, become escapes; a tab stays.
   *
   * @param text any text
   * @return the line
   */
  public static String line(String text) {
    return escape(text, false);
  }

  /**
   * An address, or a text with some, without the user and the password that may stand in it.
   *
   * @param text any text
   * @return the text, with an ellipsis in their place
   */
  public static String withoutCredentials(String text) {
    return CREDENTIALS.matcher(text).replaceAll("…@");
  }

  /** Several lines, each indented, so that none looks like an entry of its own. */
  static String lines(String text) {
    return lines(text, "  ");
  }

  static String lines(String text, String indent) {
    return indent + escape(text.strip(), true).replace("\n", "\n" + indent);
  }

  /** A logger's name: letters, digits, dots, dashes and underscores, at most 200 of them. */
  static String name(String text) {
    String cut = text.length() > 200 ? text.substring(0, 200) : text;
    return cut.replaceAll("[^\\p{L}\\p{N}._-]", "_");
  }

  private static String escape(String text, boolean keepLineFeeds) {
    int end = Math.min(text.length(), keepLineFeeds ? LONGEST_OF_LINES : LONGEST);
    StringBuilder safe = new StringBuilder(end + 16);
    for (int at = 0; at < end; at++) {
      char sign = text.charAt(at);
      if (sign == '\t' || (sign == '\n' && keepLineFeeds) || !dangerous(sign)) {
        safe.append(sign);
      } else if (sign == '\n') {
        safe.append("\\n");
      } else if (sign == '\r') {
        safe.append("\\r");
      } else {
        safe.append("\\u").append(String.format("%04x", (int) sign));
      }
    }
    if (end < text.length()) {
      safe.append("… (").append(text.length() - end).append(" characters more)");
    }
    return safe.toString();
  }

  private static boolean dangerous(char sign) {
    // The last ones: line separators, and what reverses the direction of text.
    return Character.isISOControl(sign)
        || sign == '\u2028'
        || sign == '\u2029'
        || (sign >= '\u202a' && sign <= '\u202e')
        || (sign >= '\u2066' && sign <= '\u2069');
  }
}
