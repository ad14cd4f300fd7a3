// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.SelectionKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.protocol.MalformedFrameException;
import org.serpentry.protocol.Protocol;
import org.serpentry.spi.Codec;
import org.serpentry.spi.WorkerLauncher;
import org.serpentry.transport.FrameChannel;
import org.serpentry.transport.Reactor;

/**
 * The host's side of one launcher process: its start, its control channel, and its watch. A
 * launcher that ends, or does not answer a ping in time, is lost once and for all; the crew starts
 * another. Everything runs on the reactor except {@link #kill} and {@link #awaitEnd}.
 */
public final class Launcher {

  private static final Logger LOG = System.getLogger(Launcher.class.getName());

  private final LaunchPlan plan;
  private final Codec codec;
  private final Reactor reactor;
  private final ControlReports reports;
  private final ControlDecoder decoder;
  private final Deque<byte[]> outgoing = new ArrayDeque<>();
  private Process process;
  private FrameChannel channel;
  private SelectionKey key;
  private Reactor.Timer watch;
  private long nonce;
  private boolean lost;

  /**
   * A launcher not started yet.
   *
   * @param plan what to start
   * @param codec reads and writes the control channel
   * @param reactor runs it
   * @param reports told what the launcher reports
   */
  public Launcher(LaunchPlan plan, Codec codec, Reactor reactor, ControlReports reports) {
    this.plan = plan;
    this.codec = codec;
    this.reactor = reactor;
    this.reports = reports;
    this.decoder = new ControlDecoder(codec, reports);
  }

  /**
   * Starts the process and hands it its bootstrap line.
   *
   * @param starter starts it
   * @throws IOException when it cannot be started
   */
  public void start(WorkerLauncher starter) throws IOException {
    process = starter.launch(plan.command(), plan.environment(), plan.output());
    try {
      // The pipe stays open: its end tells the launcher that this JVM is gone.
      OutputStream stdin = process.getOutputStream();
      stdin.write(codec.encode(plan.bootstrap()));
      stdin.write('\n');
      stdin.flush();
    } catch (IOException | RuntimeException | Error e) {
      kill(); // Nobody watches it yet.
      throw e;
    }
    onEnd(ended -> reactor.execute(() -> end(endOf(ended))));
    watch =
        reactor.schedule(
            plan.connectMillis(),
            TimeUnit.MILLISECONDS,
            () -> lose("the launcher did not connect within " + plan.connectMillis() + " ms"));
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nothing is derived from it
  private void onEnd(Consumer<Process> task) {
    process.onExit().thenAccept(task);
  }

  private static String endOf(Process ended) {
    int status = ended.exitValue();
    return status > 128
        ? "the launcher was ended by signal " + (status - 128)
        : "the launcher ended with exit code " + status;
  }

  /**
   * Takes over the control channel.
   *
   * @param hello what the launcher said
   * @param connection its connection
   * @param registration its registration with the reactor
   * @return null, or why it is not this launcher
   */
  public String arrived(Hello hello, FrameChannel connection, SelectionKey registration) {
    if (channel != null || lost || hello.pid() != process.pid()) {
      return "process " + hello.pid() + " is not the launcher of this run";
    }
    channel = connection;
    key = registration;
    watch.cancel();
    key.interestOps(SelectionKey.OP_READ);
    watchNext();
    return null;
  }

  /**
   * Whether it has connected and is not lost.
   *
   * @return whether it can be told to do something
   */
  public boolean connected() {
    return channel != null && !lost;
  }

  private void ping() {
    nonce++;
    send("ping", Map.of("nonce", nonce));
    watch =
        reactor.schedule(
            plan.watch().pongMillis(),
            TimeUnit.MILLISECONDS,
            () -> lose("the launcher has not answered for " + plan.watch().pongMillis() + " ms"));
  }

  /**
   * Notes the answer to a ping.
   *
   * @param answered the ping's number
   */
  public void pong(long answered) {
    if (answered == nonce && !lost) {
      watch.cancel();
      watchNext();
    }
  }

  private void watchNext() {
    watch = reactor.schedule(plan.watch().pingMillis(), TimeUnit.MILLISECONDS, this::ping);
  }

  /**
   * Tells the launcher to do something.
   *
   * @param op the operation, as in {@code protocol/README.md}
   * @param members its members
   */
  public void send(String op, Map<String, ?> members) {
    if (!connected()) {
      return;
    }
    Map<String, Object> message = new HashMap<>(members);
    message.put("op", op);
    byte[] payload = codec.encode(message);
    if (payload.length > Protocol.MAX_CONTROL - Frame.PREFIX) {
      throw new IllegalArgumentException(
          "The control message " + op + " has " + payload.length + " bytes; the limit is 1 MiB");
    }
    outgoing.add(Frame.bytes(FrameKind.CONTROL, 0, payload));
    flush();
  }

  private void flush() {
    try {
      while (channel.flush()) {
        byte[] next = outgoing.poll();
        if (next == null) {
          key.interestOps(SelectionKey.OP_READ);
          return;
        }
        channel.begin(next);
      }
      key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    } catch (IOException e) {
      // Not within send(): whoever fills slots or climbs the ladder must not meet, half-way, a crew
      // whose workers have all ended.
      reactor.execute(() -> end("the control channel broke: " + e.getMessage()));
    }
  }

  /** Reads and sends what is due, when the reactor finds the control channel ready. */
  public void ready() {
    if (lost) {
      return;
    }
    if (key.isWritable()) {
      flush();
    }
    try {
      for (Frame frame = channel.receive(); frame != null && !lost; frame = channel.receive()) {
        handle(frame);
      }
    } catch (IOException e) {
      lose("the control channel ended: " + e.getMessage());
    }
  }

  /** A report that cannot be handled must not take those behind it along. */
  private void handle(Frame frame) throws MalformedFrameException {
    try {
      decoder.decode(frame);
    } catch (RuntimeException | Error e) {
      reactor.report(e);
    }
  }

  /**
   * Loses it because its process has ended, after the reports that it had still sent: they say how
   * its workers ended. Called on the reactor.
   *
   * @param reason why, for messages
   */
  public void end(String reason) {
    if (channel != null && !lost) {
      try {
        drain();
      } catch (IOException e) {
        LOG.log(Level.DEBUG, "The control channel was read to its end", e);
      }
    }
    lose(reason);
  }

  private void drain() throws IOException {
    // The first part of a large frame is one empty look, although its rest has come.
    for (int empty = 0; empty < 2 && !lost; ) {
      Frame frame = channel.receive();
      if (frame == null) {
        empty++;
      } else {
        empty = 0;
        handle(frame);
      }
    }
  }

  private void lose(String reason) {
    if (lost) {
      return;
    }
    lost = true;
    watch.cancel();
    kill();
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        LOG.log(Level.DEBUG, "The control channel could not be closed", e);
      }
    }
    reports.launcherLost(reason);
  }

  /**
   * Asks it to end everything within a grace time.
   *
   * @param graceMillis the time for workers to end by themselves
   */
  public void shutdown(long graceMillis) {
    watch.cancel();
    send("shutdown", Map.of("graceMillis", graceMillis));
  }

  /** Ends the process at once. Its workers end with it, by their parent-death signal. */
  public void kill() {
    if (process != null) {
      process.destroyForcibly();
      closeInput();
    }
  }

  /**
   * Waits for the process to end, and ends it when it does not.
   *
   * @param millis how long to wait
   * @return whether it has ended as it should, so that nothing of it is left
   * @throws InterruptedException when the waiting thread is interrupted
   */
  public boolean awaitEnd(long millis) throws InterruptedException {
    if (process != null) {
      if (!process.waitFor(millis, TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
      closeInput();
    }
    return process == null || process.exitValue() == 0;
  }

  private void closeInput() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "The launcher''s standard input could not be closed", e);
    }
  }

  /**
   * The process id.
   *
   * @return the id, or 0 before the start
   */
  public long pid() {
    return process == null ? 0 : process.pid();
  }

  /**
   * How a connected launcher is watched.
   *
   * @param pingMillis the pause before each ping
   * @param pongMillis how long an answer may take until the launcher counts as lost
   */
  public record Watch(long pingMillis, long pongMillis) {
    /** Patient enough for a machine that is short of processor time. */
    public static final Watch USUAL = new Watch(2_000, 10_000);
  }

  /**
   * What is needed to start a launcher.
   *
   * @param command the program and its arguments
   * @param environment its whole environment
   * @param output the file that takes what it prints
   * @param bootstrap the line for its standard input; holds the token, never logged
   * @param connectMillis how long it may take to connect
   * @param watch how it is watched
   */
  public record LaunchPlan(
      List<String> command,
      Map<String, String> environment,
      java.nio.file.Path output,
      Map<String, Object> bootstrap,
      long connectMillis,
      Watch watch) {

    @Override
    public String toString() {
      return "LaunchPlan" + command;
    }
  }

  /**
   * The last lines that the launcher itself printed, for messages about a start that failed.
   *
   * @return the lines, at most 20
   */
  public List<String> ownOutput() {
    if (process == null) {
      return List.of();
    }
    try {
      List<String> lines = java.nio.file.Files.readAllLines(plan.output(), StandardCharsets.UTF_8);
      return lines.subList(Math.max(0, lines.size() - 20), lines.size());
    } catch (IOException e) {
      return List.of("(its output could not be read: " + e.getMessage() + ")");
    }
  }
}
