// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The status page's HTML, with a policy that lets a browser run its one script and use its one
 * style sheet, each known by its hash, and connect to this server: nothing else.
 */
final class StatusPage {
  private static final String FILE = "status.html";

  private final byte[] html;
  private final String policy;

  private StatusPage(String html) {
    this.html = html.getBytes(StandardCharsets.UTF_8);
    this.policy =
        String.join(
            "; ",
            "default-src 'none'",
            "script-src '" + hash(part(html, "script")) + "'",
            "style-src '" + hash(part(html, "style")) + "'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'");
  }

  /** The page, read once. */
  static StatusPage get() {
    return Holder.PAGE;
  }

  /** The HTML in UTF-8. */
  byte[] bytes() {
    return html.clone();
  }

  /** The value of {@code Content-Security-Policy}. */
  String policy() {
    return policy;
  }

  private static String part(String html, String tag) {
    int begin = html.indexOf("<" + tag + ">") + tag.length() + 2;
    int end = html.indexOf("</" + tag + ">");
    if (begin < tag.length() + 2 || end < begin || html.indexOf("<" + tag, begin) >= 0) {
      throw new IllegalStateException(
          "%s must have exactly one <%s> without attributes".formatted(FILE, tag));
    }
    return html.substring(begin, end);
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static final class Holder {
    static final StatusPage PAGE = read();

    private Holder() {}

    private static StatusPage read() {
      try (InputStream file = StatusPage.class.getResourceAsStream(FILE)) {
        if (file == null) {
          throw new IllegalStateException(FILE + " is missing beside " + StatusPage.class);
        }
        // A browser hashes what it has parsed, whose lines end in LF.
        return new StatusPage(
            new String(file.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
