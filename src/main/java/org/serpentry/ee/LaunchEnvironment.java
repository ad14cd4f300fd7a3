// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What of the server's environment reaches Python. The server's own holds secrets, so only what
 * every program needs passes, and what the setting {@code environment-pass} names.
 */
final class LaunchEnvironment {

  private static final List<String> ALWAYS = List.of("PATH", "HOME", "LANG", "TZ", "TMPDIR");
  private static final List<String> PROXY =
      List.of("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY");
  private static final String CERTIFICATES = "SSL_CERT_";

  private LaunchEnvironment() {}

  /**
   * Cuts an environment down.
   *
   * @param server the server's
   * @param pass further names that may pass
   * @return what is left
   */
  static Map<String, String> of(Map<String, String> server, Collection<String> pass) {
    Map<String, String> passed = new TreeMap<>();
    server.forEach(
        (name, value) -> {
          if (ALWAYS.contains(name)
              || PROXY.contains(name.toUpperCase(Locale.ROOT))
              || name.startsWith(CERTIFICATES)
              || pass.contains(name)) {
            passed.put(name, value);
          }
        });
    return passed;
  }
}
