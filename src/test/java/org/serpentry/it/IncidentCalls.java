// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The HTTP clients of {@link IncidentServlet}. */
final class IncidentCalls {
  private static final long SECONDS = 60;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private IncidentCalls() {}

  /** A call that has begun. */
  record Call(CompletableFuture<HttpResponse<String>> response) {
    private HttpResponse<String> end() {
      try {
        return response.get(SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException | ExecutionException | TimeoutException e) {
        throw new AssertionError("the servlet has not answered", e);
      }
    }

    /** What it returns. */
    String answer() {
      HttpResponse<String> end = end();
      assertThat(end.statusCode()).as(end.body()).isEqualTo(200);
      return end.body();
    }

    /** How it fails. */
    String failure() {
      HttpResponse<String> end = end();
      assertThat(end.statusCode()).as(end.body()).isEqualTo(500);
      return end.body();
    }
  }

  /** Begins a request; parameters are names and values in turn. */
  static Call begin(String pool, Object... parameters) {
    StringBuilder query = new StringBuilder("/incidents/call?pool=" + pool);
    for (int i = 0; i < parameters.length; i += 2) {
      String value = URLEncoder.encode(parameters[i + 1].toString(), StandardCharsets.UTF_8);
      query.append('&').append(parameters[i]).append('=').append(value);
    }
    URI uri = ServerUnderTest.httpUri().resolve(query.toString());
    return new Call(HTTP.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()));
  }

  /** Begins the call of a function of the module {@code incidents}. */
  static Call call(String pool, String function, Object... parameters) {
    Object[] all = new Object[parameters.length + 2];
    all[0] = "function";
    all[1] = "incidents:" + function;
    System.arraycopy(parameters, 0, all, 2, parameters.length);
    return begin(pool, all);
  }

  /** Begins the one call of the pool {@code deploy}, whose code changes. */
  static Call price() {
    return begin("deploy", "function", "prices:price");
  }
}
