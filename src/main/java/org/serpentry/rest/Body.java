// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/** A request's body, of which never more than the limit is kept. */
final class Body {
  private static final String JSON = "application/json";

  private Body() {}

  /**
   * Checks a content type strictly: a browser sends any other without asking the server first.
   *
   * @param contentType the header, or null
   * @throws RefusedException unless it is {@code application/json}, in UTF-8 if it says so
   */
  static void requireJson(String contentType) {
    String[] parts = contentType == null ? new String[] {""} : contentType.split(";", -1);
    boolean json = parts[0].strip().equalsIgnoreCase(JSON);
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip().toLowerCase(Locale.ROOT).replace("\"", "");
      json &= !parameter.startsWith("charset=") || parameter.equals("charset=utf-8");
    }
    if (!json) {
      throw new RefusedException(
          Problem.UNSUPPORTED_MEDIA_TYPE, "the body's type is not " + JSON + " in UTF-8");
    }
  }

  /**
   * Reads to the end.
   *
   * @param stream the body
   * @param declared the {@code Content-Length}, or -1
   * @param limit the most bytes
   * @throws RefusedException when there is more, of which as much again is read and dropped
   * @throws IOException when the client does not send it
   */
  static byte[] read(InputStream stream, long declared, long limit) throws IOException {
    if (declared > limit) {
      discard(stream, limit);
      throw tooLarge(declared + " bytes", limit);
    }
    byte[] bytes = stream.readNBytes(Math.toIntExact(Math.min(limit, Integer.MAX_VALUE - 16L)));
    if (bytes.length == limit && stream.read() >= 0) {
      discard(stream, limit);
      throw tooLarge("longer", limit);
    }
    return bytes;
  }

  // A client that is still sending sees a broken connection in place of the answer.
  private static void discard(InputStream stream, long most) throws IOException {
    byte[] chunk = new byte[8192];
    long left = most;
    for (int read = 0; read >= 0 && left > 0; left -= read) {
      read = stream.read(chunk, 0, (int) Math.min(chunk.length, left));
    }
  }

  private static RefusedException tooLarge(String size, long limit) {
    return new RefusedException(
        Problem.REQUEST_TOO_LARGE,
        "the body is %s, the limit %d bytes; send less, or raise serpentry.rest.max-body-size"
            .formatted(size, limit));
  }
}
