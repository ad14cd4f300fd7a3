// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench.peers;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;

/** FastAPI and uvicorn behind {@code java.net.http}: HTTP/1.1 kept alive on loopback. */
final class HttpPeer extends Peer {

  private final PeerProcess python;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final HttpRequest.Builder request;

  HttpPeer(Path interpreter) throws IOException {
    python = PeerProcess.start(interpreter, "http_peer.py");
    request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + python.place() + "/price"))
            .header("Content-Type", "application/json");
  }

  @Override
  byte[] exchange(byte[] json) throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        client.send(
            request.copy().POST(BodyPublishers.ofByteArray(json)).build(),
            BodyHandlers.ofByteArray());
    if (response.statusCode() != 200) {
      throw new IOException("status " + response.statusCode());
    }
    return response.body();
  }

  @Override
  long[] pids() {
    return new long[] {python.pid()};
  }

  @Override
  String description() {
    return "FastAPI on uvicorn (uvloop, httptools), java.net.http, HTTP/1.1 kept alive, orjson";
  }

  @Override
  public void close() throws InterruptedException {
    python.close();
  }
}
