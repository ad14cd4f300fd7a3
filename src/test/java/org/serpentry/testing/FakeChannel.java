// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.serpentry.api.PythonType;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.protocol.Protocol;
import org.serpentry.spi.Codec;

/**
 * The far end of a connection to a pool's socket: whole frames, read by one thread and written by
 * any.
 */
final class FakeChannel implements Closeable {

  private static final PythonType<Map<String, Object>> OBJECT = new PythonType<>() {};
  private static final int LONGEST = 1 << 30;

  private final SocketChannel socket;
  private final Codec codec;
  private final ReentrantLock writing = new ReentrantLock();

  private Map<String, Object> welcome = Map.of(); // set before anybody else sees this

  private FakeChannel(SocketChannel socket, Codec codec) {
    this.socket = socket;
    this.codec = codec;
  }

  /** Connects, says HELLO and reads what the host answers. */
  static FakeChannel open(Path address, Codec codec, Map<String, Object> hello) throws IOException {
    SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      socket.connect(UnixDomainSocketAddress.of(address));
      FakeChannel channel = new FakeChannel(socket, codec);
      Map<String, Object> said = new HashMap<>(hello);
      said.put("protocol", Protocol.VERSION);
      channel.write(Frame.bytes(FrameKind.HELLO, 0, codec.encode(said)));
      Frame answer = channel.read();
      if (answer.kind() != FrameKind.WELCOME) {
        throw new IOException(
            "the host refused the bridge mock: " + channel.object(answer).get("reason"));
      }
      channel.welcome = channel.object(answer);
      return channel;
    } catch (IOException | RuntimeException | Error e) {
      socket.close();
      throw e;
    }
  }

  /** What the host said at the beginning. */
  Map<String, Object> welcome() {
    return welcome;
  }

  /** The longest frame, as its length field counts. */
  long frameLimit() {
    Object limits = welcome.get("limits");
    return limits instanceof Map<?, ?> members && members.get("frame") instanceof Number most
        ? most.longValue()
        : LONGEST;
  }

  Map<String, Object> object(Frame frame) {
    return codec.decode(frame.payload(), 0, frame.payload().length, OBJECT.type());
  }

  /** The next frame. Throws EOFException at the end. */
  Frame read() throws IOException {
    ByteBuffer prefix = fill(ByteBuffer.allocate(Integer.BYTES));
    int length = prefix.getInt(0);
    Frame.checkLength(length, LONGEST);
    return Frame.read(fill(ByteBuffer.allocate(length)).rewind(), length);
  }

  private ByteBuffer fill(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (socket.read(buffer) < 0) {
        throw new EOFException("the host has closed the connection");
      }
    }
    return buffer;
  }

  void write(byte[] frame) throws IOException {
    writing.lock();
    try {
      ByteBuffer out = ByteBuffer.wrap(frame);
      while (out.hasRemaining()) {
        socket.write(out);
      }
    } finally {
      writing.unlock();
    }
  }

  /** Writes a reply with a header. */
  void reply(FrameKind kind, long id, byte[] header, byte[] payload) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(Frame.PREFIX + header.length + payload.length);
    Frame.putPrefix(out, kind, 0, id, header.length, payload.length);
    write(out.put(header).put(payload).array());
  }

  void control(String op, Map<String, Object> members) throws IOException {
    Map<String, Object> message = new HashMap<>(members);
    message.put("op", op);
    write(Frame.bytes(FrameKind.CONTROL, 0, codec.encode(message)));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
