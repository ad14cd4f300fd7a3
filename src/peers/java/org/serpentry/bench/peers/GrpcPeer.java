// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench.peers;

import io.grpc.CallOptions;
import io.grpc.KnownLength;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * grpcio servers on Unix sockets, called by grpc-java over netty's native epoll, bytes without a
 * serializer. A thread stays with one of the servers.
 */
final class GrpcPeer extends Peer {

  private static final MethodDescriptor<byte[], byte[]> PRICE =
      MethodDescriptor.newBuilder(new Bytes(), new Bytes())
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("bench.Prices/Price")
          .build();

  private final List<PeerProcess> servers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final Path directory = Files.createTempDirectory("serpentry-grpc");
  private final EventLoopGroup events;
  private final String[] kind;
  private final ThreadLocal<ManagedChannel> channel;

  /**
   * Starts servers.
   *
   * @param interpreter their Python
   * @param count how many
   * @param kind the arguments that choose the kind of server
   */
  GrpcPeer(Path interpreter, int count, String... kind) throws IOException {
    this.kind = kind;
    events = new MultiThreadIoEventLoopGroup(count, EpollIoHandler.newFactory());
    for (int i = 0; i < count; i++) {
      List<String> arguments = new ArrayList<>(List.of(directory.resolve("s" + i).toString()));
      arguments.addAll(List.of(kind));
      PeerProcess server =
          PeerProcess.start(interpreter, "grpc_peer.py", arguments.toArray(String[]::new));
      servers.add(server);
      channels.add(
          NettyChannelBuilder.forAddress(new DomainSocketAddress(server.place()))
              .channelType(EpollDomainSocketChannel.class)
              .eventLoopGroup(events)
              .overrideAuthority("localhost")
              .usePlaintext()
              .directExecutor()
              .build());
    }
    AtomicInteger next = new AtomicInteger();
    channel = ThreadLocal.withInitial(() -> channels.get(next.getAndIncrement() % count));
  }

  @Override
  byte[] exchange(byte[] request) {
    return ClientCalls.blockingUnaryCall(channel.get(), PRICE, CallOptions.DEFAULT, request);
  }

  @Override
  long[] pids() {
    return servers.stream().mapToLong(PeerProcess::pid).toArray();
  }

  @Override
  String description() {
    return "grpcio (%s) x %d on Unix sockets, grpc-java %s over netty epoll, plain bytes, orjson"
        .formatted(
            Arrays.stream(kind).collect(Collectors.joining(" ")),
            servers.size(),
            ManagedChannel.class.getPackage().getImplementationVersion());
  }

  @Override
  public void close() throws InterruptedException, IOException {
    for (ManagedChannel open : channels) {
      open.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
    if (!events.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS)) {
      throw new IOException("grpc-java's event loops do not end");
    }
    for (PeerProcess server : servers) {
      server.close();
      Files.deleteIfExists(Path.of(server.place()));
    }
    Files.deleteIfExists(directory);
  }

  /** Bytes as they are. */
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {

    @Override
    public InputStream stream(byte[] value) {
      return new Known(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Its length is known, which spares grpc-java a copy. */
  private static final class Known extends ByteArrayInputStream implements KnownLength {
    Known(byte[] value) {
      super(value);
    }
  }
}
