// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.security.Principal;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A servlet request with what the gate looks at, and a realm of one user. */
final class Requests {
  static final String USER = "caller";
  static final String PASSWORD = "päss:word";

  private final String remoteAddress;
  private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Set<String> roles;
  private Principal principal;

  private Requests(String remoteAddress, Set<String> roles) {
    this.remoteAddress = remoteAddress;
    this.roles = roles;
  }

  /** A request from an address; the user of the realm would have these roles. */
  static Requests from(String remoteAddress, String... roles) {
    return new Requests(remoteAddress, Set.of(roles));
  }

  Requests header(String name, String... values) {
    headers.put(name, List.of(values));
    return this;
  }

  Requests authenticated() {
    principal = () -> USER;
    return this;
  }

  HttpServletRequest get() {
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            Requests.class.getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getRemoteAddr" -> remoteAddress;
                  case "getHeaderNames" -> Collections.enumeration(headers.keySet());
                  case "getHeaders" ->
                      Collections.enumeration(
                          headers.getOrDefault((String) arguments[0], List.of()));
                  case "getHeader" ->
                      headers.getOrDefault((String) arguments[0], List.of()).stream()
                          .findFirst()
                          .orElse(null);
                  case "getUserPrincipal" -> principal;
                  case "isUserInRole" -> principal != null && roles.contains(arguments[0]);
                  case "login" -> logIn((String) arguments[0], (String) arguments[1]);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private Object logIn(String user, String password) throws ServletException {
    if (!user.equals(USER) || !password.equals(PASSWORD)) {
      throw new ServletException("wrong");
    }
    principal = () -> user;
    return null;
  }
}
