// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.json.JsonValue;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.serpentry.api.PoolName;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPool;
import org.serpentry.config.ApplicationConfig;

/**
 * Calls Python functions: {@code POST api/functions/<module>/<function>?pool=<name>} with a JSON
 * object of arguments by name, or an array of arguments by position, answers the result as JSON.
 * Only what {@code serpentry.rest.functions} lists is there; {@link Gate} has let the caller in.
 */
@Path("functions")
@ApplicationScoped
public class FunctionsResource {
  private static final Pattern MODULE =
      Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*(\\.[\\p{L}_][\\p{L}\\p{N}_]*)*");
  private static final Pattern FUNCTION = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");
  private static final int LONGEST_NAME = 120;

  @Inject private ApplicationConfig config;
  @Inject @Any private Instance<PythonPool> injectable;
  @Inject private HttpServletRequest request;

  // A pool is got once: each further Instance.get() would leave a dependent object behind.
  private final Map<String, PythonPool> pools = new ConcurrentHashMap<>();

  /** For the container. */
  public FunctionsResource() {}

  /**
   * Calls a function.
   *
   * @param module of the function
   * @param function its published name
   * @param pool by name; null: the default pool
   * @param body the arguments as JSON
   * @return the result as JSON
   * @throws IOException when the client does not send what it announced
   */
  @POST
  @Path("{module}/{function}")
  public Response call(
      @PathParam("module") String module,
      @PathParam("function") String function,
      @QueryParam("pool") String pool,
      InputStream body)
      throws IOException {
    Body.requireJson(request.getContentType());
    String target = target(module, function);
    PythonFunction published = pool(pool).function(target);
    byte[] arguments = Body.read(body, request.getContentLengthLong(), config.restMaxBodySize());
    JsonValue result = Arguments.add(published, arguments).call(JsonValue.class);
    return Response.ok(
            String.valueOf(result).getBytes(StandardCharsets.UTF_8), MediaType.APPLICATION_JSON)
        .header("Cache-Control", "no-store")
        .header("X-Content-Type-Options", "nosniff")
        .build();
  }

  private String target(String module, String function) {
    if (module.length() > LONGEST_NAME
        || function.length() > LONGEST_NAME
        || !MODULE.matcher(module).matches()
        || !FUNCTION.matcher(function).matches()) {
      throw new RefusedException(
          Problem.FUNCTION_NOT_EXPOSED, "the path names no module and function");
    }
    String target = module + ":" + function;
    if (!config.restPermits(target)) {
      throw new RefusedException(
          Problem.FUNCTION_NOT_EXPOSED, target + " is not listed in serpentry.rest.functions");
    }
    return target;
  }

  private PythonPool pool(String name) {
    String wanted = name == null ? config.pools().keySet().iterator().next() : name;
    if (!config.pools().containsKey(wanted)) {
      throw new RefusedException(
          Problem.FUNCTION_NOT_EXPOSED,
          "there is no pool of the name asked for; there are " + config.pools().keySet());
    }
    return pools.computeIfAbsent(
        wanted, known -> injectable.select(PoolName.Literal.of(known)).get());
  }
}
