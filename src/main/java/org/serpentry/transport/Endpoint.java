// SPDX-License-Identifier: Apache-2.0
package org.serpentry.transport;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The Unix socket on which a pool's launcher and workers connect. Its directory is the caller's and
 * must have mode 0700. Not thread-safe: the pool's reactor owns it once it runs.
 */
public final class Endpoint implements Closeable {

  /** What fits into {@code sun_path} on every supported system, its final zero byte not counted. */
  private static final int MAX_PATH = 103;

  private final Path path;
  private final ServerSocketChannel listener;

  private Endpoint(Path path, ServerSocketChannel listener) {
    this.path = path;
    this.listener = listener;
  }

  /**
   * Starts to listen.
   *
   * @param directory a private directory with a short path
   * @return the endpoint
   * @throws IOException when the path is too long or cannot be bound
   */
  public static Endpoint open(Path directory) throws IOException {
    Path path = directory.resolve("s");
    int length = path.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    if (length > MAX_PATH) {
      throw new IOException(
          "The socket path %s has %d bytes, a Unix socket takes at most %d: start the JVM with a shorter java.io.tmpdir"
              .formatted(path, length, MAX_PATH));
    }
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.bind(UnixDomainSocketAddress.of(path), 512);
      listener.configureBlocking(false);
    } catch (IOException | RuntimeException e) {
      listener.close();
      throw e;
    }
    return new Endpoint(path, listener);
  }

  /**
   * The socket's path.
   *
   * @return an absolute path when the directory was one
   */
  public Path path() {
    return path;
  }

  /**
   * The listening channel, non-blocking.
   *
   * @return the channel
   */
  public ServerSocketChannel listener() {
    return listener;
  }

  @Override
  public void close() throws IOException {
    try (listener) {
      Files.deleteIfExists(path);
    }
  }
}
