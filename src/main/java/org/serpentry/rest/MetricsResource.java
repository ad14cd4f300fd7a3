// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import org.serpentry.metrics.PoolMetrics;

/** Gives the pools' metrics to Prometheus: {@code GET api/metrics}. */
@Path("metrics")
@ApplicationScoped
public class MetricsResource {
  @Inject private MetricsSource source;

  /** For the container. */
  public MetricsResource() {}

  /**
   * The metrics now.
   *
   * @param accept which format the client takes
   * @return them in Prometheus's text format, or OpenMetrics where it is asked for
   */
  @GET
  public Response scrape(@HeaderParam("Accept") String accept) {
    String mediaType = PoolMetrics.mediaType(accept);
    return Response.ok(source.scrape(mediaType).getBytes(StandardCharsets.UTF_8))
        .header("Content-Type", mediaType)
        .header("Cache-Control", "no-store")
        .header("X-Content-Type-Options", "nosniff")
        .build();
  }
}
