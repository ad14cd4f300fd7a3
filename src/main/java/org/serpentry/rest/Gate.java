// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.ext.Provider;
import org.serpentry.config.ApplicationConfig;

/** Holds every request against {@link Admission} before anything else of it is looked at. */
@Provider
@PreMatching
@ApplicationScoped
public class Gate implements ContainerRequestFilter {
  // RESTEasy knows no constructor injection.
  @Inject private ApplicationConfig config;
  @Inject private HttpServletRequest request;

  /** For the container. */
  public Gate() {}

  @Override
  public void filter(ContainerRequestContext context) {
    Admission admission = new Admission(config, request);
    // Undecoded, as resources are found: what is written otherwise is none of the views.
    View.of(context.getUriInfo().getPath(false))
        .ifPresentOrElse(
            view -> admission.check(view, context.getMethod()),
            () -> admission.check(context.getMethod()));
  }
}
