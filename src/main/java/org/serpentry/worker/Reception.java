// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.serpentry.api.PythonType;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.protocol.Protocol;
import org.serpentry.spi.Codec;
import org.serpentry.transport.Endpoint;
import org.serpentry.transport.FrameChannel;
import org.serpentry.transport.Reactor;

/**
 * Receives whoever connects to the pool's socket: checks its token and protocol version and hands
 * it to the crew, or refuses it with the reason. Everything runs on the reactor.
 */
public final class Reception {

  /** Takes over those who were let in. */
  public interface Hosts {
    /**
     * A launcher has shaken hands.
     *
     * @param hello what it said
     * @param channel its connection
     * @param key its registration with the reactor
     * @return null to welcome it, or why not
     */
    String launcherArrived(Hello hello, FrameChannel channel, SelectionKey key);

    /**
     * A worker has shaken hands.
     *
     * @param hello what it said
     * @param channel its connection
     * @param key its registration with the reactor, not watching anything
     * @return null to welcome it, or why not
     */
    String workerArrived(Hello hello, FrameChannel channel, SelectionKey key);

    /**
     * What a guest just let in is told besides the limits.
     *
     * @param hello what it said
     * @return further members of its WELCOME
     */
    Map<String, Object> welcome(Hello hello);

    /**
     * The guest just let in has been told so, and has connected in every way that it will.
     *
     * @param hello what it said
     * @param sending the registration with the reactor of the connection on which it gets its
     *     calls, null when that is its only one
     */
    void welcomed(Hello hello, SelectionKey sending);

    /**
     * Somebody was turned away.
     *
     * @param reason why; holds no secret
     */
    void refused(String reason);

    /**
     * The channel of a guest let in became ready on the reactor.
     *
     * @param hello what it said
     * @param key its registration
     */
    void ready(Hello hello, SelectionKey key);
  }

  private static final Logger LOG = System.getLogger(Reception.class.getName());

  /** How long nobody is accepted after a failure, which most likely is a want of descriptors. */
  private static final long PAUSE_MILLIS = 100;

  private final String pool;
  private final byte[] token;
  private final int frameLimit;
  private final int nestingLimit;
  private final Codec codec;
  private final Reactor reactor;
  private final LongSupplier nanoTime;
  private final Hosts hosts;
  private final Set<Guest> waiting = new HashSet<>();

  /** Workers that have shaken hands and are to connect again, for their calls. */
  private final Map<Long, Guest> halfway = new HashMap<>();

  /**
   * Makes a reception; {@link #open} opens it.
   *
   * @param pool the pool's name, for messages
   * @param token the run's secret
   * @param limits the limits that a guest is told: frame length in bytes and nesting in levels
   * @param codec reads and writes the handshake
   * @param reactor runs it
   * @param nanoTime the clock for new channels
   * @param hosts takes over the guests
   */
  public Reception(
      String pool,
      String token,
      Limits limits,
      Codec codec,
      Reactor reactor,
      LongSupplier nanoTime,
      Hosts hosts) {
    this.pool = pool;
    this.token = token.getBytes(StandardCharsets.UTF_8);
    this.frameLimit = limits.frame();
    this.nestingLimit = limits.nesting();
    this.codec = codec;
    this.reactor = reactor;
    this.nanoTime = nanoTime;
    this.hosts = hosts;
  }

  /**
   * The limits of one connection.
   *
   * @param frame the largest length field
   * @param nesting the deepest JSON
   */
  public record Limits(int frame, int nesting) {}

  /**
   * Begins to accept connections.
   *
   * @param endpoint the pool's socket
   * @throws IOException when it cannot be watched
   */
  public void open(Endpoint endpoint) throws IOException {
    reactor.register(endpoint.listener(), SelectionKey.OP_ACCEPT, key -> acceptAll(endpoint, key));
  }

  private void acceptAll(Endpoint endpoint, SelectionKey key) {
    try {
      SocketChannel socket = endpoint.listener().accept();
      while (socket != null) {
        admit(socket);
        socket = endpoint.listener().accept();
      }
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      LOG.log(Level.WARNING, "[" + pool + "] A connection could not be accepted", e);
      // The connection still waits, and the reactor would come back here without end.
      key.interestOps(0);
      reactor.schedule(PAUSE_MILLIS, TimeUnit.MILLISECONDS, () -> resume(key));
    }
  }

  private static void resume(SelectionKey key) {
    if (key.isValid()) {
      key.interestOps(SelectionKey.OP_ACCEPT);
    }
  }

  private void admit(SocketChannel socket) throws IOException {
    try {
      Guest guest = new Guest(new FrameChannel(socket, Protocol.MAX_HELLO, nanoTime));
      try {
        guest.enter();
      } catch (IOException | RuntimeException | Error e) {
        guest.leave();
        throw e;
      }
    } catch (IOException | RuntimeException | Error e) {
      socket.close();
      throw e;
    }
  }

  /** One connection, before and after its handshake. */
  private final class Guest {
    private final FrameChannel channel;
    private Reactor.Timer patience;
    private Hello hello;

    private Guest(FrameChannel channel) {
      this.channel = channel;
    }

    void enter() throws IOException {
      reactor.register(channel.socket(), SelectionKey.OP_READ, this::ready);
      patience = reactor.schedule(Protocol.HELLO_MILLIS, TimeUnit.MILLISECONDS, this::late);
      waiting.add(this);
    }

    private void late() {
      if (!channel.socket().isOpen()) {
        known(); // It has ended, which its launcher has told.
        return;
      }
      String what = hello == null ? "say HELLO" : "connect for its calls";
      turnAway("it did not %s within %d ms".formatted(what, Protocol.HELLO_MILLIS));
    }

    /** Waits no more: a timer left behind would keep the connection's buffers. */
    private void known() {
      waiting.remove(this);
      if (hello != null) {
        halfway.remove(hello.worker(), this);
      }
      if (patience != null) {
        patience.cancel();
      }
    }

    void ready(SelectionKey key) {
      if (hello != null) {
        hosts.ready(hello, key);
        return;
      }
      try {
        Frame frame = channel.receive();
        if (frame != null) {
          greet(frame, key);
        }
      } catch (IOException e) {
        turnAway(e.getMessage());
      }
    }

    private void greet(Frame frame, SelectionKey key) throws IOException {
      Hello said = read(frame);
      String objection = objectionTo(said);
      if (objection == null && said.role().equals("calls")) {
        complete(said, key);
        return;
      }
      if (objection == null) {
        key.interestOps(0);
        hello = said;
        channel.frameLimit(said.role().equals("launcher") ? Protocol.MAX_CONTROL : frameLimit);
        objection =
            said.role().equals("launcher")
                ? hosts.launcherArrived(said, channel, key)
                : hosts.workerArrived(said, channel, key);
      }
      if (objection != null) {
        send(FrameKind.REFUSED, Map.of("reason", objection));
        turnAway(objection);
        return;
      }
      Map<String, Object> welcome = new HashMap<>(hosts.welcome(hello));
      welcome.put("protocol", Protocol.VERSION);
      welcome.put("limits", Map.of("frame", frameLimit, "nesting", nestingLimit));
      welcome.put("callsSocket", hello.callsApart());
      send(FrameKind.WELCOME, welcome);
      if (hello.callsApart()) {
        halfway.put(hello.worker(), this);
      } else {
        known();
        hosts.welcomed(hello, null);
      }
    }

    /** The second connection of a worker: its calls go there. */
    private void complete(Hello said, SelectionKey key) throws IOException {
      Guest first = halfway.get(said.worker());
      // Its end may have been told meanwhile though it still runs, as when the launcher was lost.
      if (first == null || first.hello.pid() != said.pid() || !first.channel.socket().isOpen()) {
        String objection = "worker " + said.worker() + " is not expected to connect for its calls";
        send(FrameKind.REFUSED, Map.of("reason", objection));
        turnAway(objection);
        return;
      }
      key.interestOps(0);
      send(FrameKind.WELCOME, Map.of("protocol", Protocol.VERSION));
      first.channel.sendOn(channel.release());
      known();
      first.known();
      hello = first.hello;
      hosts.welcomed(hello, key);
    }

    private Hello read(Frame frame) throws IOException {
      if (frame.kind() != FrameKind.HELLO) {
        throw new IOException("it sent " + frame.kind() + " where HELLO was due");
      }
      try {
        return Hello.of(
            codec.decode(
                frame.payload(),
                0,
                frame.payload().length,
                new PythonType<Map<String, Object>>() {}.type()));
      } catch (RuntimeException e) {
        throw new IOException("its HELLO is not a JSON object", e);
      }
    }

    private void send(FrameKind kind, Map<String, Object> payload) throws IOException {
      channel.begin(Frame.bytes(kind, 0, codec.encode(payload)));
      if (!channel.flush()) {
        throw new IOException("the handshake did not fit into an empty socket buffer");
      }
    }

    private void turnAway(String reason) {
      hosts.refused(reason);
      leave();
    }

    void leave() {
      known();
      try {
        channel.close();
      } catch (IOException e) {
        LOG.log(Level.DEBUG, "A refused connection could not be closed", e);
      }
    }
  }

  private String objectionTo(Hello said) {
    if (!MessageDigest.isEqual(token, said.token().getBytes(StandardCharsets.UTF_8))) {
      return "the token is not this run's";
    }
    if (said.protocol() != Protocol.VERSION) {
      return "it speaks protocol version %d, this host speaks version %d: use the Python runtime that came with this serpentry.jar"
          .formatted(said.protocol(), Protocol.VERSION);
    }
    return null;
  }

  /** Closes the connections that have not shaken hands. Called on the reactor. */
  public void close() {
    Set.copyOf(waiting).forEach(Guest::leave);
  }
}
