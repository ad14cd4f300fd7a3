// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.original.Original;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.spi.PoolListener.PoolEvent;
import org.serpentry.testing.PoolWatcher;

/**
 * Whoever connects without the run's token, or with it but out of turn, is turned away and told of.
 */
@Original("pool_chaos")
@Tag("core-pool")
@Tag("layer-2")
class IntruderTest {

  private static WatchedPool pool;
  private int heard;

  @BeforeAll
  static void start() {
    pool = WatchedPool.start(1, c -> c);
  }

  @AfterAll
  static void stop() {
    pool.close();
  }

  @BeforeEach
  void remember() {
    heard = pool.watcher().mark();
  }

  @AfterEach
  void thePoolIsUnaffected() {
    pool.assertWhole();
    assertThat(pool.watcher().all(PoolWatcher.Exited.class)).allMatch(PoolWatcher.Exited::expected);
  }

  private static Path socket() {
    return pool.pool().context().runDirectory().resolve("s");
  }

  /** Sends bytes and returns all that comes back before the host closes. */
  private static String say(byte[] bytes) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
      channel.write(ByteBuffer.wrap(bytes));
      return answer(channel);
    }
  }

  private static String answer(SocketChannel channel) {
    try {
      byte[] all = Channels.newInputStream(channel).readAllBytes();
      return new String(all, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "connection reset"; // It closed before it had read everything.
    }
  }

  private static byte[] hello(String token, int protocol, String role, long worker) {
    String json =
        """
        {"protocol": %d, "role": "%s", "token": "%s", "worker": %d, "pid": %d, "python": "3.11.7",
         "codeHash": "", "codec": "json", "capabilities": []}"""
            .formatted(protocol, role, token, worker, ProcessHandle.current().pid());
    return Frame.bytes(FrameKind.HELLO, 0, json.getBytes(StandardCharsets.UTF_8));
  }

  /** The next refusal that the pool tells its listeners. */
  private String log() {
    PoolEvent event =
        pool.watcher().awaitAfter(heard, PoolEvent.class, e -> e.text().contains("refused"));
    heard = pool.watcher().indexOf(event) + 1;
    assertThat(event.warning()).isTrue();
    return event.pool() + ": " + event.text();
  }

  @Test
  void refusesAWrongToken() throws Exception {
    for (String token : List.of("", "wrong", "é")) {
      assertThat(say(hello(token, 1, "worker", 1))).contains("token");
      assertThat(log()).contains("refused").contains("token").contains("test");
    }
  }

  @Test
  void namesBothVersionsOfAnotherProtocol() throws Exception {
    String token = pool.pool().context().token();
    assertThat(say(hello(token, 99, "worker", 1))).contains("99").contains("version 1");
    assertThat(log()).contains("99").doesNotContain(token);
  }

  @Test
  void refusesAWorkerAndALauncherThatAreNotExpected() throws Exception {
    String token = pool.pool().context().token();
    for (long worker : new long[] {0, 1, 4711, -1}) {
      assertThat(say(hello(token, 1, "worker", worker))).contains("not expected");
      assertThat(log()).contains("not expected");
    }
    assertThat(say(hello(token, 1, "launcher", 0))).contains("launcher");
    assertThat(log()).contains("launcher");
    assertThat(say(hello(token, 1, "burglar", 1))).contains("not expected");
    assertThat(log()).contains("not expected");
    long served = pool.snapshot().workers().get(0).worker();
    for (long worker : new long[] {served, 4711}) {
      assertThat(say(hello(token, 1, "calls", worker))).contains("not expected to connect");
      assertThat(log()).contains("not expected to connect for its calls");
    }
  }

  @Test
  void closesOnGarbage() throws Exception {
    Random random = new Random(7);
    byte[] noise = new byte[100_000];
    random.nextBytes(noise);
    noise[0] = 0x7f;
    say(noise);
    assertThat(log()).contains("frame length");
    say("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8));
    assertThat(log()).contains("frame length");
    assertThat(say(Frame.bytes(FrameKind.HELLO, 0, new byte[] {'['}))).isEmpty();
    assertThat(log()).contains("not a JSON object");
    assertThat(say(Frame.bytes(FrameKind.CALL, 1, new byte[0]))).isEmpty();
    assertThat(log()).contains("CALL");
  }

  @Test
  void forgetsOneThatLeavesInTheMiddleOfItsHello() throws Exception {
    byte[] hello = hello("wrong", 1, "worker", 1);
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
      channel.write(ByteBuffer.wrap(hello, 0, 20));
    }
    assertThat(log()).contains("closed");
  }

  @Test
  void servesWhileManyConnectAndSayNothing() throws Exception {
    List<SocketChannel> silent = new java.util.ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        silent.add(SocketChannel.open(UnixDomainSocketAddress.of(socket())));
      }
      int mark = pool.watcher().mark();
      pool.pool().control().recycleWorker(0);
      pool.watcher().awaitReady(mark, 0);
    } finally {
      for (SocketChannel channel : silent) {
        channel.close();
      }
    }
    for (int i = 0; i < 100; i++) {
      assertThat(log()).contains("closed");
    }
    pool.watcher().awaitCount(PoolWatcher.Exited.class, 1);
  }

  @Test
  void keepsItsDirectoryToItself() throws IOException {
    assertThat(Files.getPosixFilePermissions(socket().getParent()))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }
}
