// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
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
import org.serpentry.transport.FrameChannel;
import org.serpentry.transport.Reactor;

/** What a launcher has said counts, however it ends. A process of the system plays the launcher. */
@Tag("core-pool")
@Tag("layer-1")
class LauncherTest {

  @TempDir Path directory;
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final BlockingQueue<Throwable> errors = new LinkedBlockingQueue<>();
  private Reactor reactor;
  private Process process;

  @BeforeEach
  void start() throws IOException {
    reactor = new Reactor(Thread::new, System::nanoTime, errors::add);
    reactor.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    process.destroyForcibly().waitFor();
    assertThat(reactor.stop(5_000)).isTrue();
  }

  /** Notes every report by its name and first argument; {@code workerDump} fails. */
  private ControlReports reports() {
    return (ControlReports)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ControlReports.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("workerDump")) {
                throw new IllegalStateException("as asked");
              }
              heard.add(method.getName() + " " + arguments[0]);
              return null;
            });
  }

  private Launcher launcher() {
    return new Launcher(
        new Launcher.LaunchPlan(
            List.of("cat"),
            Map.of(),
            directory.resolve("output"),
            Map.of("token", "none"),
            60_000,
            Launcher.Watch.USUAL),
        JsonbCodec.create(false, 10),
        reactor,
        reports());
  }

  private static ByteBuffer control(String json) {
    return ByteBuffer.wrap(
        Frame.bytes(FrameKind.CONTROL, 0, json.getBytes(StandardCharsets.UTF_8)));
  }

  private void onReactor(Callback task) throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    reactor.execute(
        () -> {
          try {
            task.run();
            done.complete(null);
          } catch (Exception e) {
            done.completeExceptionally(e);
          }
        });
    done.get(10, TimeUnit.SECONDS);
  }

  private interface Callback {
    void run() throws Exception;
  }

  private String next() throws InterruptedException {
    return heard.poll(10, TimeUnit.SECONDS);
  }

  @Test
  void hearsWhatItHadSaidBeforeItsEndAndNoBadReportHidesTheNext() throws Exception {
    Launcher launcher = launcher();
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address);
      try (SocketChannel peer = SocketChannel.open(address)) {
        FrameChannel channel =
            new FrameChannel(server.accept(), Protocol.MAX_CONTROL, System::nanoTime);
        onReactor(
            () -> {
              launcher.start(
                  (command, environment, output) -> process = new ProcessBuilder("cat").start());
              Hello hello =
                  Hello.of(Map.of("role", "launcher", "pid", Math.toIntExact(process.pid())));
              // Nobody reads when the channel is ready: only the end can.
              assertThat(
                      launcher.arrived(
                          hello,
                          channel,
                          reactor.register(channel.socket(), 0, key -> key.interestOps(0))))
                  .isNull();
            });
        peer.write(control("{\"op\": \"started\", \"worker\": 6, \"pid\": 1}"));
        peer.write(control("no JSON"));
        peer.write(control("{\"op\": \"dump\", \"worker\": 6, \"text\": \"\"}"));
        String tail = "x".repeat(100_000);
        ByteBuffer large =
            control("{\"op\": \"exited\", \"worker\": 7, \"tail\": [\"" + tail + "\"]}");
        while (large.hasRemaining()) {
          peer.write(large);
        }
        process.destroyForcibly();
        assertThat(next()).isEqualTo("workerStarted 6");
        assertThat(next()).isEqualTo("workerExited 7");
        assertThat(next()).startsWith("launcherLost the launcher was ended by signal 9");
        assertThat(errors).hasSize(2);
        assertThat(errors).anyMatch(e -> "as asked".equals(e.getMessage()));
      }
    }
  }

  @Test
  void leavesNoProcessThatDidNotTakeItsBootstrap() throws Exception {
    Launcher launcher = launcher();
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> launcher.start((command, environment, output) -> startedDeaf()));
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(heard).isEmpty();
  }

  /** A process that would live on, with its input closed before anything is written to it. */
  private Process startedDeaf() throws IOException {
    process = new ProcessBuilder("sleep", "600").start();
    try (OutputStream input = process.getOutputStream()) {
      assertThat(input).isNotNull();
    }
    return process;
  }
}
