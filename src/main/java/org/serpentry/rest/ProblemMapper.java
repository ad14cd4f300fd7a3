// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Answers every failure by a {@link Problem} and a correlation id, and logs the failure itself with
 * that id.
 */
@Provider
@ApplicationScoped
public class ProblemMapper implements ExceptionMapper<Throwable> {
  @Inject private HttpServletRequest request;

  /** For the container. */
  public ProblemMapper() {}

  @Override
  public Response toResponse(Throwable thrown) {
    String correlationId = UUID.randomUUID().toString();
    Failure failure = Failure.of(thrown);
    FailureLog.write(correlationId, request.getMethod(), request.getRequestURI(), failure, thrown);
    Response.ResponseBuilder response =
        Response.status(failure.status())
            .type(Problem.MEDIA_TYPE)
            .entity(
                failure
                    .problem()
                    .json(failure.status(), correlationId)
                    .getBytes(StandardCharsets.UTF_8))
            .header("Cache-Control", "no-store")
            .header("X-Content-Type-Options", "nosniff");
    if (failure.retryAfterSeconds() > 0) {
      response.header("Retry-After", failure.retryAfterSeconds());
    }
    if (failure.problem() == Problem.UNAUTHENTICATED) {
      response.header("WWW-Authenticate", "Basic realm=\"serpentry\", charset=\"UTF-8\"");
    }
    if (failure.problem() == Problem.METHOD_NOT_ALLOWED) {
      response.header("Allow", "POST");
    }
    if (failure.problem() == Problem.READ_ONLY) {
      response.header("Allow", "GET");
    }
    return response.build();
  }
}
