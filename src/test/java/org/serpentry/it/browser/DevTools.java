// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.browser;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** A connection to a browser's DevTools: commands and their answers; events are not listened to. */
final class DevTools implements WebSocket.Listener, AutoCloseable {
  private static final int SECONDS = 60;

  private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final StringBuilder message = new StringBuilder(); // The socket's thread only.
  private WebSocket socket;

  private DevTools() {}

  static DevTools connect(String address) throws IOException {
    DevTools tools = new DevTools();
    try {
      tools.socket =
          HttpClient.newHttpClient()
              .newWebSocketBuilder()
              .buildAsync(URI.create(address), tools)
              .get(SECONDS, TimeUnit.SECONDS);
      return tools;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("no connection to the browser at " + address, e);
    }
  }

  /**
   * Sends a command and waits for its answer.
   *
   * @param session the page's, or null for the browser
   * @throws AssertionError when the browser refuses it or does not answer
   */
  JsonObject send(String session, String method, JsonObject parameters) {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonObject> answer = new CompletableFuture<>();
    answers.put(id, answer);
    var command =
        Json.createObjectBuilder().add("id", id).add("method", method).add("params", parameters);
    if (session != null) {
      command.add("sessionId", session);
    }
    try {
      socket.sendText(command.build().toString(), true).get(SECONDS, TimeUnit.SECONDS);
      JsonObject whole = answer.get(SECONDS, TimeUnit.SECONDS);
      if (whole.containsKey("error")) {
        throw new AssertionError(method + ": " + whole.get("error"));
      }
      return whole.getJsonObject("result");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(method + " was interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the browser does not answer " + method, e);
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    message.append(data);
    if (last) {
      JsonObject whole = Json.createReader(new StringReader(message.toString())).readObject();
      message.setLength(0);
      if (whole.containsKey("id")) {
        answers.remove(whole.getInt("id")).complete(whole);
      }
    }
    webSocket.request(1);
    return null;
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    answers.values().forEach(answer -> answer.completeExceptionally(error));
  }

  @Override
  public void close() {
    socket.abort();
  }
}
