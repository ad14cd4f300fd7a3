// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench.peers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;

/** Several {@link HttpPeer}s; a thread stays with one of them. */
final class HttpPeers extends Peer {

  private final List<HttpPeer> peers = new ArrayList<>();
  private final AtomicInteger next = new AtomicInteger();
  private final ThreadLocal<HttpPeer> own =
      ThreadLocal.withInitial(() -> peers.get(next.getAndIncrement() % peers.size()));

  HttpPeers(Path interpreter, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      peers.add(new HttpPeer(interpreter));
    }
  }

  @Override
  byte[] exchange(byte[] request) throws IOException, InterruptedException {
    return own.get().exchange(request);
  }

  @Override
  long[] pids() {
    return peers.stream().flatMapToLong(peer -> LongStream.of(peer.pids())).toArray();
  }

  @Override
  String description() {
    return peers.size() + " x " + peers.get(0).description();
  }

  @Override
  public void close() throws InterruptedException {
    for (HttpPeer peer : peers) {
      peer.close();
    }
  }
}
