// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.protocol.Protocol;
import org.serpentry.transport.Endpoint;
import org.serpentry.transport.FrameChannel;
import org.serpentry.transport.Reactor;

/** What becomes of a worker that connects twice: for its replies, then for its calls. */
@Tag("core-pool")
@Tag("layer-1")
class ReceptionTest {

  @TempDir Path directory;

  private final BlockingQueue<Throwable> errors = new LinkedBlockingQueue<>();
  private final BlockingQueue<FrameChannel> arrived = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private Endpoint endpoint;
  private Reactor reactor;

  @BeforeEach
  void open() throws Exception {
    endpoint = Endpoint.open(directory);
    reactor = new Reactor(Thread::new, System::nanoTime, errors::add);
    reactor.start();
    Reception reception =
        new Reception(
            "test",
            "token",
            new Reception.Limits(1 << 20, 64),
            JsonbCodec.create(false, 64),
            reactor,
            System::nanoTime,
            new Hosts());
    CompletableFuture<Void> opened = new CompletableFuture<>();
    reactor.execute(
        () -> {
          try {
            reception.open(endpoint);
            opened.complete(null);
          } catch (IOException e) {
            opened.completeExceptionally(e);
          }
        });
    opened.get(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() throws Exception {
    assertThat(reactor.stop(30_000)).isTrue();
    for (FrameChannel channel : arrived) {
      channel.close();
    }
    endpoint.close();
    assertThat(errors).isEmpty();
  }

  private final class Hosts implements Reception.Hosts {
    @Override
    public String launcherArrived(Hello hello, FrameChannel channel, SelectionKey key) {
      return "no launcher is expected";
    }

    @Override
    public String workerArrived(Hello hello, FrameChannel channel, SelectionKey key) {
      arrived.add(channel);
      return null;
    }

    @Override
    public Map<String, Object> welcome(Hello hello) {
      return Map.of();
    }

    @Override
    public void welcomed(Hello hello, SelectionKey sending) {
      told.add("welcomed " + hello.worker() + (sending == null ? "" : " with two"));
    }

    @Override
    public void refused(String reason) {
      told.add("refused: " + reason);
    }

    @Override
    public void ready(Hello hello, SelectionKey key) {
      key.interestOps(0);
    }
  }

  /** Connects, says HELLO and returns the kind of the answer. */
  private FrameKind greet(SocketChannel socket, String role, long pid, List<String> capabilities)
      throws IOException {
    byte[] hello =
        JsonbCodec.create(false, 64)
            .encode(
                Map.of(
                    "protocol",
                    Protocol.VERSION,
                    "role",
                    role,
                    "token",
                    "token",
                    "worker",
                    7,
                    "pid",
                    pid,
                    "capabilities",
                    capabilities));
    socket.write(ByteBuffer.wrap(Frame.bytes(FrameKind.HELLO, 0, hello)));
    DataInputStream in = new DataInputStream(Channels.newInputStream(socket));
    byte[] rest = in.readNBytes(in.readInt());
    return Frame.read(ByteBuffer.wrap(rest), rest.length).kind();
  }

  private SocketChannel connect() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(endpoint.path()));
  }

  private String told() throws InterruptedException {
    return told.poll(30, TimeUnit.SECONDS);
  }

  @Test
  void isWelcomedWhenItHasConnectedForItsCallsAndGetsThemThere() throws Exception {
    try (SocketChannel replies = connect();
        SocketChannel calls = connect()) {
      assertThat(greet(replies, "worker", 1, List.of("callsSocket"))).isEqualTo(FrameKind.WELCOME);
      assertThat(told).isEmpty();
      assertThat(greet(calls, "calls", 1, List.of())).isEqualTo(FrameKind.WELCOME);
      assertThat(told()).isEqualTo("welcomed 7 with two");
      FrameChannel channel = arrived.element();
      channel.begin("call".getBytes(StandardCharsets.US_ASCII));
      assertThat(channel.flush()).isTrue();
      byte[] got = Channels.newInputStream(calls).readNBytes(4);
      assertThat(new String(got, StandardCharsets.US_ASCII)).isEqualTo("call");
    }
  }

  @Test
  void isWelcomedAtOnceWithOneConnectionWhereItKnowsNoOther() throws Exception {
    try (SocketChannel both = connect()) {
      assertThat(greet(both, "worker", 1, List.of())).isEqualTo(FrameKind.WELCOME);
      assertThat(told()).isEqualTo("welcomed 7");
    }
  }

  @Test
  void isRefusedWhenItWasGivenUpBetweenTheTwo() throws Exception {
    try (SocketChannel replies = connect();
        SocketChannel calls = connect()) {
      assertThat(greet(replies, "worker", 1, List.of("callsSocket"))).isEqualTo(FrameKind.WELCOME);
      // As when its launcher was lost: its end is told while its process still goes on.
      arrived.element().close();
      assertThat(greet(calls, "calls", 1, List.of())).isEqualTo(FrameKind.REFUSED);
      assertThat(told()).contains("refused").contains("not expected to connect for its calls");
      assertThat(told).isEmpty();
    }
  }

  @Test
  void isRefusedWhenAnotherProcessConnectsInItsName() throws Exception {
    try (SocketChannel replies = connect();
        SocketChannel calls = connect()) {
      assertThat(greet(replies, "worker", 1, List.of("callsSocket"))).isEqualTo(FrameKind.WELCOME);
      assertThat(greet(calls, "calls", 2, List.of())).isEqualTo(FrameKind.REFUSED);
      assertThat(told()).contains("not expected to connect for its calls");
    }
  }
}
