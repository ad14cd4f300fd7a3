// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Map;
import java.util.Set;

/** All there is below {@code /api}. */
@ApplicationPath("api")
public class RestApplication extends Application {
  /** For the container. */
  public RestApplication() {}

  @Override
  public Set<Class<?>> getClasses() {
    return Set.of(
        FunctionsResource.class,
        StatusResource.class,
        MetricsResource.class,
        Gate.class,
        ProblemMapper.class);
  }

  /** Jersey would describe the resources to whoever asks; other servers ignore its key. */
  @Override
  public Map<String, Object> getProperties() {
    return Map.of("jersey.config.server.wadl.disableWadl", true);
  }
}
