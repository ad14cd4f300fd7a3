// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.serpentry.run.RestUsers;

/** A remote client of one application's functions. */
final class RestCalls {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final String api;
  private final String root;

  /**
   * For one application.
   *
   * @param context its context root, without slashes
   */
  RestCalls(String context) {
    this.api = ServerUnderTest.httpUri() + "/" + context + "/api/";
    this.root = api + "functions/";
  }

  /** Where something below {@code api} is. */
  URI uri(String path) {
    return URI.create(api + path);
  }

  /** A look at something below {@code api}, without credentials. */
  HttpRequest.Builder get(String path) {
    return HttpRequest.newBuilder(uri(path)).GET();
  }

  /** The same by a user. */
  HttpRequest.Builder getAs(String user, String path) {
    return get(path).header("Authorization", authorization(user));
  }

  /**
   * Reads the data of the first events of a stream, which it leaves then.
   *
   * @param accept says whether an event was the last one wanted
   * @return the last one
   */
  String events(HttpRequest.Builder request, Predicate<String> accept) {
    try (Stream<String> lines = CLIENT.send(request.build(), BodyHandlers.ofLines()).body()) {
      return lines
          .filter(line -> line.startsWith("data:"))
          .map(line -> line.substring("data:".length()).strip())
          .filter(accept)
          .findFirst()
          .orElseThrow(() -> new AssertionError("the stream ended without such an event"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** A request with a JSON body, nothing else. */
  HttpRequest.Builder post(String path, String json) {
    return HttpRequest.newBuilder(URI.create(root + path))
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(json));
  }

  /** The same by a user. */
  HttpRequest.Builder postAs(String user, String path, String json) {
    return post(path, json).header("Authorization", authorization(user));
  }

  /** The same by the user with the role. */
  HttpRequest.Builder postAsCaller(String path, String json) {
    return postAs(RestUsers.CALLER, path, json);
  }

  /** The user's credentials. */
  static String authorization(String user) {
    return basic(user, password(user));
  }

  static String basic(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return CLIENT.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  CompletableFuture<HttpResponse<String>> sendAsync(HttpRequest.Builder request) {
    return CLIENT.sendAsync(request.build(), BodyHandlers.ofString());
  }

  /**
   * The status of a request with any {@code Host} header, which Java's client does not let be set.
   */
  int statusWithHost(String path, String json, String host) throws IOException {
    URI uri = URI.create(root + path);
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    String head =
        String.join(
            "\r\n",
            "POST " + uri.getPath() + " HTTP/1.1",
            "Host: " + host,
            "Content-Type: application/json",
            "Content-Length: " + body.length,
            "Connection: close",
            "",
            "");
    try (Socket socket = new Socket(uri.getHost(), uri.getPort());
        InputStream in = socket.getInputStream()) {
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(body);
      String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Integer.parseInt(answer.split(" ", 3)[1]);
    }
  }

  private static String password(String user) {
    try {
      return Files.readAllLines(ServerUnderTest.restPasswords()).stream()
          .filter(line -> line.startsWith(user + " "))
          .map(line -> line.substring(user.length() + 1))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("no REST user '" + user + "'"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
