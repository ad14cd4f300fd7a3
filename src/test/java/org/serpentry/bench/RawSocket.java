// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.spi.Codec;

/**
 * The baseline: the bytes of a real request and of its real reply, exchanged with a bare Python
 * loop over the same kind of socket. The channel blocks, which is the fastest way that the JDK has.
 * Used by one thread.
 */
public final class RawSocket implements Subject, AutoCloseable {

  private final Process python;
  private final SocketChannel socket;
  private final ByteBuffer out;
  private final ByteBuffer in = ByteBuffer.allocateDirect(64 * 1024);
  private final byte[] reply;

  private RawSocket(Process python, SocketChannel socket, byte[] request) throws IOException {
    this.python = python;
    this.socket = socket;
    this.out = ByteBuffer.allocateDirect(request.length).put(request);
    exchange();
    this.reply = new byte[in.flip().remaining()];
    in.get(reply);
  }

  /**
   * Starts the loop.
   *
   * @param interpreter the Python that the pool uses, too
   * @param runtime the directory of the package {@code serpentry}
   * @param scripts the directory of {@code rawsocket.py}
   * @param codec encodes the request
   * @return the baseline
   * @throws IOException when it does not start
   */
  public static RawSocket start(Path interpreter, Path runtime, Path scripts, Codec codec)
      throws IOException {
    Path directory = Files.createTempDirectory("serpentry-raw");
    Path path = directory.resolve("s");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(path));
      ProcessBuilder builder =
          new ProcessBuilder(
              interpreter.toString(),
              scripts.resolve("rawsocket.py").toString(),
              path.toString(),
              "auto");
      builder.environment().put("PYTHONPATH", runtime.toString());
      builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.INHERIT);
      Process python = builder.start();
      return new RawSocket(python, listener.accept(), Workload.request(codec));
    } finally {
      Files.deleteIfExists(path);
      Files.deleteIfExists(directory);
    }
  }

  /**
   * Decodes the reply, to show that it is a real one.
   *
   * @param codec the pool's codec
   * @return the result
   * @throws IOException when it is no frame
   */
  public Workload.Priced decoded(Codec codec) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(reply);
    Frame frame = Frame.read(bytes, bytes.getInt());
    if (frame.kind() != FrameKind.RESULT) {
      throw new IOException("the baseline's reply is a " + frame.kind());
    }
    return codec.decode(frame.payload(), 0, frame.payload().length, Workload.Priced.class);
  }

  /**
   * The reply's length.
   *
   * @return its bytes
   */
  public int size() {
    return reply.length;
  }

  /**
   * The process that runs the loop.
   *
   * @return its id
   */
  public long pid() {
    return python.pid();
  }

  @Override
  public void run() throws IOException {
    exchange();
    if (in.position() != reply.length) {
      throw new IOException("read " + in.position() + " bytes of " + Arrays.toString(reply));
    }
  }

  private void exchange() throws IOException {
    out.rewind();
    while (out.hasRemaining()) {
      socket.write(out);
    }
    in.clear();
    do {
      if (socket.read(in) < 0) {
        throw new EOFException("the baseline's Python ended");
      }
    } while (in.position() < Integer.BYTES || in.position() < Integer.BYTES + in.getInt(0));
  }

  @Override
  public void close() throws IOException, InterruptedException {
    socket.close();
    if (!python.waitFor(10, TimeUnit.SECONDS)) {
      python.destroyForcibly();
    }
  }
}
