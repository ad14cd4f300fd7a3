// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.browser;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Takes a picture of a page; see {@code docs/pictures/status-page.sh}. */
public final class PagePicture {
  private PagePicture() {}

  /**
   * Takes it.
   *
   * @param args the address, what to wait for as JavaScript, the file, and {@code light} or {@code
   *     dark}
   */
  public static void main(String[] args) throws IOException {
    Path program =
        Chromium.program()
            .orElseThrow(
                () ->
                    new IllegalStateException("no Chromium on the path: apt-get install chromium"));
    try (Chromium browser = Chromium.start(program)) {
      Page page = browser.open(1200, 800, Map.of());
      page.scheme(args[3]);
      page.open(args[0]);
      page.await(args[1]);
      Files.write(Path.of(args[2]), page.picture());
    }
  }
}
