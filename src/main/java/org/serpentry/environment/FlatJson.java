// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the one-line JSON objects that our own builder writes: members are texts, numbers, booleans
 * or null, never objects or lists. Plain Java has no JSON reader, and this needs no more.
 */
final class FlatJson {
  private static final Pattern MEMBER =
      Pattern.compile(
          "\\s*\"((?:[^\"\\\\]|\\\\.)*+)\"\\s*:\\s*(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|([-+.\\w]+))\\s*([,}])");

  private FlatJson() {}

  /** The members with their values as text, or an empty map when the line is no such object. */
  static Map<String, String> read(String line) {
    Map<String, String> members = new LinkedHashMap<>();
    String text = line.strip();
    if (!text.startsWith("{")) {
      return Map.of();
    }
    Matcher member = MEMBER.matcher(text);
    int position = 1;
    while (member.find(position) && member.start() == position) {
      String value = member.group(2) == null ? member.group(3) : unescape(member.group(2));
      members.put(unescape(member.group(1)), value);
      position = member.end();
      if (member.group(4).equals("}")) {
        return position == text.length() ? members : Map.of();
      }
    }
    return Map.of();
  }

  private static String unescape(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder plain = new StringBuilder(text.length());
    for (int at = 0; at < text.length(); at++) {
      char sign = text.charAt(at);
      if (sign != '\\') {
        plain.append(sign);
        continue;
      }
      sign = text.charAt(++at);
      int control = "bfnrt".indexOf(sign);
      if (control >= 0) {
        plain.append("\b\f\n\r\t".charAt(control));
      } else if (sign == 'u' && at + 4 < text.length()) {
        plain.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
        at += 4;
      } else {
        plain.append(sign);
      }
    }
    return plain.toString();
  }
}
