// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Whether a request surely comes from a program on the server's own machine. The peer's address
 * alone does not tell: a reverse proxy on the same machine has it too (it gives itself away by the
 * headers that it adds), and so has a browser that a foreign page sends here, under a name that
 * resolves to loopback ({@code Host}) or directly ({@code Origin}).
 */
final class Loopback {
  private static final Pattern IPV4 = Pattern.compile("127(\\.\\d{1,3}){3}");
  private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");
  private static final Pattern BY_PROXY =
      Pattern.compile(
          "forwarded|via|x-forwarded.*|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip"
              + "|x-original-.*|x-envoy-.*|x-proxy.*|cf-.*");

  private Loopback() {}

  /** Only with the full evidence for it. */
  static boolean isOrigin(HttpServletRequest request) {
    return isAddress(request.getRemoteAddr())
        && Collections.list(request.getHeaderNames()).stream().noneMatch(Loopback::byProxy)
        && hostIsLoopback(Collections.list(request.getHeaders("Host")))
        && Collections.list(request.getHeaders("Origin")).stream().allMatch(Loopback::isLocalUri);
  }

  private static boolean byProxy(String header) {
    return BY_PROXY.matcher(header.toLowerCase(Locale.ROOT)).matches();
  }

  private static boolean hostIsLoopback(List<String> hosts) {
    return hosts.size() == 1 && isName(PORT.matcher(hosts.get(0).strip()).replaceFirst(""));
  }

  private static boolean isLocalUri(String origin) {
    try {
      String host = new URI(origin).getHost();
      return host != null && isName(host);
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static boolean isName(String host) {
    return host.equalsIgnoreCase("localhost") || isAddress(host);
  }

  /** Literal addresses only: nothing here may ask a name server. */
  private static boolean isAddress(String text) {
    if (text == null) {
      return false;
    }
    String address =
        text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    int zone = address.indexOf('%');
    String plain = zone < 0 ? address : address.substring(0, zone);
    return IPV4.matcher(plain).matches()
        || plain.equals("::1")
        || plain.equals("0:0:0:0:0:0:0:1")
        || (plain.toLowerCase(Locale.ROOT).startsWith("::ffff:")
            && IPV4.matcher(plain.substring("::ffff:".length())).matches());
  }
}
