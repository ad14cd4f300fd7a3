// SPDX-License-Identifier: Apache-2.0
package org.serpentry.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;

@Tag("core-pool")
@Tag("layer-1")
class FrameChannelTest {

  private static final int LIMIT = 1_000_000;
  private static final OutgoingCall CALL =
      new OutgoingCall(7, 0, new byte[3], null, null, new byte[10]);

  @TempDir Path directory;

  private SocketChannel own;
  private SocketChannel peer;

  @BeforeEach
  void connect() throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(address);
      own = SocketChannel.open(address);
      peer = listener.accept();
    }
  }

  @AfterEach
  void disconnect() throws IOException {
    own.close();
    peer.close();
  }

  private void send(byte[] frame) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(frame);
    while (bytes.hasRemaining()) {
      peer.write(bytes);
    }
  }

  /** The clock is read before the request is sent, and again before each wait. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void saysThatTheConnectionEndedWhenItIsClosedInTheMiddleOfAnExchange(int reading)
      throws IOException {
    AtomicInteger readings = new AtomicInteger();
    FrameChannel[] closing = new FrameChannel[1];
    LongSupplier clock =
        () -> {
          if (readings.incrementAndGet() == reading) {
            try {
              closing[0].close();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
          return 0;
        };
    try (FrameChannel channel = new FrameChannel(own, LIMIT, clock)) {
      closing[0] = channel;
      send(Frame.bytes(FrameKind.RESULT, 6, new byte[1])); // a late reply, so that it waits twice
      assertThatExceptionOfType(ExchangeException.class)
          .isThrownBy(() -> channel.exchange(CALL, TimeUnit.SECONDS.toNanos(20)))
          .satisfies(e -> assertThat(e.reason()).isEqualTo(ExchangeException.Reason.SEVERED));
      assertThat(readings).hasValue(reading);
    }
  }

  @Test
  void receivesAFrameLargerThanItsBufferAtOnceWhenAllOfItHasArrived() throws IOException {
    try (FrameChannel channel = new FrameChannel(own, LIMIT, System::nanoTime)) {
      send(Frame.bytes(FrameKind.RESULT, 7, new byte[100_000]));
      peer.close();
      assertThat(channel.receive().payload()).hasSize(100_000);
      assertThatExceptionOfType(IOException.class).isThrownBy(channel::receive);
    }
  }
}
