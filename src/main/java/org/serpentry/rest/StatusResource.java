// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;

/**
 * The status page: {@code GET api/status}, which shows what comes from {@code api/status/events}.
 * Nothing can be changed there.
 */
@Path("status")
@ApplicationScoped
public class StatusResource {
  @Inject private StatusViewers viewers;

  /** For the container. */
  public StatusResource() {}

  /**
   * The page.
   *
   * @return HTML that contains all it needs
   */
  @GET
  public Response page() {
    StatusPage page = StatusPage.get();
    return Response.ok(page.bytes())
        .header("Content-Type", "text/html; charset=utf-8")
        .header("Content-Security-Policy", page.policy())
        .header("Cache-Control", "no-store")
        .header("X-Content-Type-Options", "nosniff")
        .header("X-Frame-Options", "DENY")
        .header("Referrer-Policy", "no-referrer")
        .build();
  }

  /**
   * What the page shows, once a second as an event {@code status} of JSON.
   *
   * @param sink the client
   * @param sse makes events
   * @param response to be told what to keep from caches
   */
  @GET
  @Path("events")
  @Produces(MediaType.SERVER_SENT_EVENTS)
  public void events(
      @Context SseEventSink sink, @Context Sse sse, @Context HttpServletResponse response) {
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("X-Accel-Buffering", "no"); // A proxy would keep events back.
    viewers.admit(sink, sse);
  }
}
