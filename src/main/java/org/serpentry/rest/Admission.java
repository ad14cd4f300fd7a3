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
   * Returns when it may.
   *
   * @param method of the request
   * @throws RefusedException saying why not
   */
  void check(String method) {
    if (!config.restEnabled()) {
      throw new RefusedException(
          Problem.FUNCTION_NOT_EXPOSED, "REST is off (serpentry.rest.enabled)");
    }
    if (!(config.development() && Loopback.isOrigin(request))) {
      requireRole();
    }
    if (!method.equals("POST")) {
      throw new RefusedException(Problem.METHOD_NOT_ALLOWED, "only POST is served");
    }
  }

  private void requireRole() {
    if (request.getUserPrincipal() == null) {
      logIn(request.getHeader("Authorization"));
    }
    if (!request.isUserInRole(config.restRole())) {
      throw new RefusedException(
          Problem.FORBIDDEN,
          "the caller lacks the role %s (serpentry.rest.role)".formatted(config.restRole()));
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
