// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import jakarta.inject.Inject;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.serpentry.api.PythonPool;

/** A bean of another application, which has a pool of its own injected. */
@Path("/greeting")
public class GreetingBean {
  @Inject PythonPool pool;

  /** What the application's own Python module says. */
  @GET
  @Produces(MediaType.TEXT_PLAIN)
  public String greeting() {
    return pool.function("greeting:greet").arg("name", "Ada").call(String.class);
  }

  /** Puts the bean below {@code /api}. */
  @ApplicationPath("/api")
  public static class Application extends jakarta.ws.rs.core.Application {}
}
