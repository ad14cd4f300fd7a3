// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import py4j.ClientServer;

/** A Python object behind a Java interface, called through py4j over loopback. */
final class Py4jPeer extends Peer {

  /** What Python implements. Texts, since py4j sends bytes as Base64. */
  public interface Prices {

    /**
     * Answers a request.
     *
     * @param request JSON
     * @return JSON
     */
    String price(String request);
  }

  private final PeerProcess python;
  private final ClientServer server;
  private final Prices prices;

  Py4jPeer(Path interpreter) throws IOException {
    python = PeerProcess.start(interpreter, "py4j_peer.py");
    server =
        new ClientServer.ClientServerBuilder()
            .autoStartJavaServer(false)
            .pythonPort(Integer.parseInt(python.place()))
            .build();
    prices = (Prices) server.getPythonServerEntryPoint(new Class<?>[] {Prices.class});
  }

  @Override
  byte[] exchange(byte[] request) {
    return prices
        .price(new String(request, StandardCharsets.UTF_8))
        .getBytes(StandardCharsets.UTF_8);
  }

  @Override
  long[] pids() {
    return new long[] {python.pid()};
  }

  @Override
  String description() {
    return "py4j ClientServer, Java calls a Python object, a text each way, orjson";
  }

  @Override
  public void close() throws InterruptedException {
    server.shutdown();
    python.close();
  }
}
