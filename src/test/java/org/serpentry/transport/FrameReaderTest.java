// SPDX-License-Identifier: Apache-2.0
package org.serpentry.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.protocol.FrameVectors;
import org.serpentry.protocol.FrameVectors.Vector;
import org.serpentry.protocol.MalformedFrameException;

@Tag("core-pool")
@Tag("layer-1")
class FrameReaderTest {

  private static final int CAPACITY = 64;
  private static final int LIMIT = 100_000;

  /** Gives bytes in pieces; between two pieces there is nothing for the moment. */
  private static final class Trickle implements ReadableByteChannel {
    private final byte[] bytes;
    private final int piece;
    private int at;
    private boolean pause;

    Trickle(byte[] bytes, int piece) {
      this.bytes = bytes;
      this.piece = piece;
    }

    @Override
    public int read(ByteBuffer into) {
      if (at == bytes.length) {
        return -1;
      }
      pause = !pause;
      if (pause) {
        return 0;
      }
      int count = Math.min(Math.min(piece, into.remaining()), bytes.length - at);
      into.put(bytes, at, count);
      at += count;
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private static List<Frame> readAll(byte[] bytes, int piece) throws IOException {
    FrameReader reader = new FrameReader(CAPACITY, LIMIT);
    Trickle channel = new Trickle(bytes, piece);
    List<Frame> frames = new ArrayList<>();
    while (true) {
      try {
        reader.fill(channel);
      } catch (EOFException e) {
        assertThat(reader.poll()).isNull();
        return frames;
      }
      for (Frame frame = reader.poll(); frame != null; frame = reader.poll()) {
        frames.add(frame);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 15, 16, 17, 63, 64, 1000, 1_000_000})
  void cutsAStreamIntoFramesHoweverItArrives(int piece) throws IOException {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    List<byte[]> payloads = new ArrayList<>();
    Random random = new Random(piece);
    // Around the buffer's size is where a frame changes from one way of reading to the other.
    for (int size : new int[] {0, 1, 47, 48, 49, 0, 50, 64, 65, 200, 3, 5_000, 0, 127, 128}) {
      byte[] payload = new byte[size];
      random.nextBytes(payload);
      payloads.add(payload);
      stream.writeBytes(Frame.bytes(FrameKind.RESULT, payloads.size(), payload));
    }
    List<Frame> frames = readAll(stream.toByteArray(), piece);
    assertThat(frames).extracting(Frame::payload).containsExactlyElementsOf(payloads);
    assertThat(frames).last().satisfies(f -> assertThat(f.requestId()).isEqualTo(payloads.size()));
  }

  static List<Vector> malformed() {
    return FrameVectors.all().stream().filter(Vector::malformed).toList();
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void refusesMalformedFramesHoweverTheyArrive(Vector vector) {
    for (int piece : new int[] {1, 7, 1000}) {
      FrameReader reader = new FrameReader(CAPACITY, vector.limit());
      Trickle channel = new Trickle(vector.bytes("frameHex"), piece);
      assertThatExceptionOfType(MalformedFrameException.class)
          .isThrownBy(
              () -> {
                while (reader.poll() == null) {
                  reader.fill(channel);
                }
              });
    }
  }

  static List<Vector> incomplete() {
    return FrameVectors.all().stream().filter(Vector::incomplete).toList();
  }

  @ParameterizedTest
  @MethodSource("incomplete")
  void waitsForTheRestOfAFrameAndTellsTheEndOfTheStream(Vector vector) throws IOException {
    assertThat(readAll(vector.bytes("frameHex"), 5)).isEmpty();
  }

  @Test
  void refusesALengthBeforeItMakesRoomForIt() throws IOException {
    FrameReader reader = new FrameReader(CAPACITY, LIMIT);
    byte[] head = Arrays.copyOf(ByteBuffer.allocate(4).putInt(LIMIT + 1).array(), 16);
    Trickle channel = new Trickle(head, 16);
    reader.fill(channel);
    reader.fill(channel);
    assertThatExceptionOfType(MalformedFrameException.class)
        .isThrownBy(reader::poll)
        .withMessageContaining(Integer.toString(LIMIT));
  }

  @Test
  void takesALargerLimitFromNowOn() throws IOException {
    FrameReader reader = new FrameReader(CAPACITY, 20);
    Trickle channel = new Trickle(Frame.bytes(FrameKind.RESULT, 1, new byte[30]), 1000);
    reader.fill(channel);
    reader.fill(channel);
    assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(reader::poll);
    reader.limit(42);
    assertThat(reader.poll().payload()).hasSize(30);
  }

  @Test
  void isAsItWasWhenThereIsNoMemoryForAFrame() throws IOException {
    // No virtual machine makes an array of this length, however large its heap is.
    FrameReader reader = new FrameReader(CAPACITY, Integer.MAX_VALUE);
    byte[] head =
        Arrays.copyOf(ByteBuffer.allocate(4).putInt(Integer.MAX_VALUE).array(), Frame.PREFIX);
    Trickle channel = new Trickle(head, 100);
    reader.fill(channel);
    reader.fill(channel);
    for (int i = 0; i < 2; i++) {
      assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(reader::poll);
    }
  }
}
