// SPDX-License-Identifier: Apache-2.0
package org.serpentry.run;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Finds TCP ports that are free on loopback. */
public final class LoopbackPorts {
  private LoopbackPorts() {}

  /** The preferred port when nobody listens there, else any other free one. */
  public static int freePort(int preferred) throws IOException {
    try (var socket = listen(preferred)) {
      return socket.getLocalPort();
    } catch (IOException taken) {
      try (var socket = listen(0)) {
        return socket.getLocalPort();
      }
    }
  }

  private static ServerSocket listen(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
  }
}
