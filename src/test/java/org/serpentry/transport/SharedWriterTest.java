// SPDX-License-Identifier: Apache-2.0
package org.serpentry.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.protocol.CallHeader;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;

@Tag("core-pool")
@Tag("layer-1")
@Timeout(60)
class SharedWriterTest {

  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  @TempDir private Path directory;

  private SocketChannel own;
  private SocketChannel peer;
  private final Semaphore blocked = new Semaphore(0);
  private final AtomicInteger breaks = new AtomicInteger();
  private final List<Throwable> spoils = new ArrayList<>();
  private SharedWriter writer;

  @BeforeEach
  void connect() throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(address);
      own = SocketChannel.open(address);
      peer = listener.accept();
    }
    own.configureBlocking(false);
    writer =
        new SharedWriter(
            own,
            System::nanoTime,
            new SharedWriter.Events() {
              @Override
              public void blocked() {
                blocked.release();
              }

              @Override
              public void broken(IOException failure) {
                breaks.incrementAndGet();
              }

              @Override
              public void spoilt(Throwable thrown) {
                spoils.add(thrown);
              }
            });
  }

  @AfterEach
  void disconnect() throws IOException {
    own.close();
    peer.close();
  }

  private static OutgoingCall call(long id, int size) {
    byte[] payload = new byte[size];
    Arrays.fill(payload, (byte) id);
    return new OutgoingCall(id, 0, "m:f".getBytes(StandardCharsets.UTF_8), null, null, payload);
  }

  private Frame read(FrameReader reader) throws IOException {
    Frame frame = reader.poll();
    while (frame == null) {
      reader.fill(peer);
      frame = reader.poll();
    }
    return frame;
  }

  private static void assertWhole(Frame frame, int size) {
    assertThat(frame.kind()).isEqualTo(FrameKind.CALL);
    assertThat(frame.payload()).hasSize(size);
    for (byte value : frame.payload()) {
      if (value != (byte) frame.requestId()) {
        throw new AssertionError("a byte of another call");
      }
    }
  }

  @Test
  void afterAFrameWhoseBytesCannotBeHadNothingMoreIsWritten() throws IOException {
    Error thrown = new NoClassDefFoundError("of an array's elements");
    Tail broken =
        new Tail() {
          @Override
          public long length() {
            return 8;
          }

          @Override
          public boolean copy(ByteBuffer out) {
            throw thrown;
          }
        };
    OutgoingCall plain = call(1, 10);
    writer.send(
        new OutgoingCall(1, 0, plain.target(), null, null, plain.payload(), null, broken),
        System.nanoTime() + HOUR);
    writer.send(call(2, 10), System.nanoTime() + HOUR);
    own.close();

    assertThat(spoils).containsExactly(thrown);
    assertThat(breaks).hasValue(0);
    assertThat(peer.read(ByteBuffer.allocate(100))).isEqualTo(-1);
  }

  @Test
  void writesFramesOfAllSizesInTheirOrder() throws IOException {
    FrameReader reader = new FrameReader(64 * 1024, 1 << 24);
    int[] sizes = {0, 10, 65_000, 65_536, 1_000, 200_000, 7};
    Thread sending =
        new Thread(
            () -> {
              for (int i = 0; i < sizes.length; i++) {
                writer.send(call(i + 1, sizes[i]), System.nanoTime() + HOUR);
                while (blocked.tryAcquire()) {
                  writer.writable();
                }
              }
              writer.send(Frame.cancel(99));
              while (blocked.tryAcquire()) {
                writer.writable();
              }
            });
    sending.start();
    for (int i = 0; i < sizes.length; i++) {
      Frame frame = read(reader);
      assertThat(frame.requestId()).isEqualTo(i + 1);
      assertWhole(frame, sizes[i]);
      CallHeader header = CallHeader.read(frame.header());
      assertThat(header.target()).isEqualTo("m:f");
      assertThat(header.remainingMillis()).isBetween(1L, TimeUnit.HOURS.toMillis(1));
    }
    assertThat(read(reader).kind()).isEqualTo(FrameKind.CANCEL);
  }

  @Test
  void leavesToTheReactorWhatTheSocketDoesNotTake() throws IOException {
    peer.configureBlocking(false);
    writer.send(call(1, 4_000_000), System.nanoTime() + HOUR);
    assertThat(blocked.tryAcquire()).isTrue();
    writer.send(call(2, 10), System.nanoTime() + HOUR);
    assertThat(blocked.tryAcquire()).as("only the owner writes").isFalse();
    writer.writable();
    FrameReader reader = new FrameReader(64 * 1024, 1 << 24);
    List<Frame> frames = new ArrayList<>();
    while (frames.size() < 2) {
      Frame frame = reader.poll();
      if (frame != null) {
        frames.add(frame);
        continue;
      }
      if (blocked.tryAcquire()) {
        writer.writable();
      }
      reader.fill(peer);
    }
    assertWhole(frames.get(0), 4_000_000);
    assertWhole(frames.get(1), 10);
    assertThat(frames.get(1).requestId()).isEqualTo(2);
  }

  @Test
  void framesOfManyThreadsArriveWholeAndEachThreadsInItsOrder() throws Exception {
    int threads = 8;
    int each = 2_000;
    List<Thread> senders = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      long first = t * 1_000_000L;
      Thread sender =
          new Thread(
              () -> {
                for (int i = 1; i <= each; i++) {
                  int size = i % 500 == 0 ? 100_000 : i % 100;
                  writer.send(call(first + i, size), System.nanoTime() + HOUR);
                }
              });
      senders.add(sender);
      sender.start();
    }
    Thread reactor =
        new Thread(
            () -> {
              while (true) {
                try {
                  blocked.acquire();
                } catch (InterruptedException e) {
                  return;
                }
                writer.writable();
              }
            });
    reactor.start();
    FrameReader reader = new FrameReader(64 * 1024, 1 << 24);
    Map<Long, Long> last = new HashMap<>();
    for (int i = 0; i < threads * each; i++) {
      Frame frame = read(reader);
      long sender = frame.requestId() / 1_000_000;
      long number = frame.requestId() % 1_000_000;
      assertThat(number).isEqualTo(last.getOrDefault(sender, 0L) + 1);
      assertWhole(frame, number % 500 == 0 ? 100_000 : (int) number % 100);
      last.put(sender, number);
    }
    reactor.interrupt();
    reactor.join();
    for (Thread sender : senders) {
      sender.join();
    }
    assertThat(breaks).hasValue(0);
  }

  @Test
  void tellsOnceOfABrokenConnectionAndWritesNothingMore() throws IOException {
    peer.close();
    writer.send(call(1, 10), System.nanoTime() + HOUR);
    writer.send(call(2, 10), System.nanoTime() + HOUR);
    assertThat(breaks).hasValue(1);
  }
}
