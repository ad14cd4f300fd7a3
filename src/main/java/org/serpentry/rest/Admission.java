// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.serpentry.config.ApplicationConfig;

/**
 * Decides whether a request may come in. A caller without the role learns nothing of what there is.
 *
 * <p>The container knows the users and their roles. Who has not been authenticated by it already is
 * by HTTP Basic; a constraint in {@code web.xml} could not leave out the development profile on
 * loopback.
 */
final class Admission {
  private static final String BASIC = "Basic ";

  private final ApplicationConfig config;
  private final HttpServletRequest request;

  Admission(ApplicationConfig config, HttpServletRequest request) {
    this.config = config;
    this.request = request;
  }

  /**
   * Returns when it may, as a call of a function.
   *
   * @param method of the request
   * @throws RefusedException saying why not
   */
  void check(String method) {
    if (!config.restEnabled()) {
      throw new RefusedException(
          Problem.FUNCTION_NOT_EXPOSED, "REST is off (serpentry.rest.enabled)");
    }
    requireRole(config.restRole(), "serpentry.rest.role");
    if (!method.equals("POST")) {
      throw new RefusedException(Problem.METHOD_NOT_ALLOWED, "only POST is served");
    }
  }

  /**
   * Returns when it may, as a look at the pools.
   *
   * @param view what it wants to see
   * @param method of the request
   * @throws RefusedException saying why not
   */
  void check(View view, String method) {
    if (!view.on(config.monitor())) {
      throw new RefusedException(Problem.FUNCTION_NOT_EXPOSED, view.key() + " is off");
    }
    requireRole(config.monitor().role(), "serpentry.rest.monitor-role");
    if (!method.equals("GET")) {
      throw new RefusedException(Problem.READ_ONLY, "only GET is served");
    }
  }

  private void requireRole(String role, String key) {
    if (config.development() && Loopback.isOrigin(request)) {
      return;
    }
    if (request.getUserPrincipal() == null) {
      logIn(request.getHeader("Authorization"));
    }
    if (!request.isUserInRole(role)) {
      throw new RefusedException(
          Problem.FORBIDDEN, "the caller lacks the role %s (%s)".formatted(role, key));
    }
  }

  private void logIn(String authorization) {
    if (authorization == null || !authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      throw new RefusedException(Problem.UNAUTHENTICATED, "no credentials");
    }
    String pair;
    try {
      byte[] decoded = Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
      pair = new String(decoded, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(Problem.UNAUTHENTICATED, "the credentials are not Base64", e);
    }
    int colon = pair.indexOf(':');
    if (colon < 1) {
      throw new RefusedException(Problem.UNAUTHENTICATED, "the credentials are not user:password");
    }
    try {
      request.login(pair.substring(0, colon), pair.substring(colon + 1));
    } catch (ServletException e) {
      throw new RefusedException(
          Problem.UNAUTHENTICATED, "the server does not know the user, or not by that password", e);
    }
    if (request.getUserPrincipal() == null) {
      throw new RefusedException(Problem.UNAUTHENTICATED, "the server knows no user after a login");
    }
  }
}
