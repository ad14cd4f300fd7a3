// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What a worker's process does at a {@link Moment}. Immutable. */
public final class Fault {

  private static final Set<Moment> ANY = EnumSet.allOf(Moment.class);
  private static final Set<Moment> FRAMES =
      EnumSet.of(Moment.BEFORE_HELLO, Moment.MID_HELLO, Moment.BEFORE_REPLY, Moment.MID_REPLY);

  private final Map<String, Object> order = new LinkedHashMap<>();
  private final Set<Moment> moments;

  private Fault(String kind, Set<Moment> moments) {
    this.moments = moments;
    order.put("fault", kind);
  }

  private Fault with(String name, Object value) {
    order.put(name, value);
    return this;
  }

  /**
   * The process ends without any clean-up.
   *
   * @param status its exit status, 0 to 255
   */
  public static Fault exit(int status) {
    return new Fault("exit", ANY).with("status", status);
  }

  /**
   * The process sends itself a signal.
   *
   * @param number for example 9 for SIGKILL or 11 for SIGSEGV
   */
  public static Fault signal(int number) {
    return new Fault("kill", ANY).with("signal", number);
  }

  /** The process does nothing any more, whatever cancel it is sent; SIGTERM ends it. */
  public static Fault hang() {
    return new Fault("hang", ANY);
  }

  /** The process is stopped, as by SIGSTOP, until somebody continues or kills it. */
  public static Fault stop() {
    return new Fault("stop", ANY);
  }

  /**
   * The process goes on, later; not even a cancel shortens it.
   *
   * @param delay how much later
   */
  public static Fault delay(Duration delay) {
    return new Fault("delay", ANY).with("seconds", delay.toNanos() / 1e9);
  }

  /**
   * The process keeps memory for ever.
   *
   * @param bytes how much
   */
  public static Fault leak(int bytes) {
    return new Fault("leak", ANY).with("size", bytes);
  }

  /**
   * The process floods its standard output, in lines of 200 bytes.
   *
   * @param bytes how much it prints
   */
  public static Fault flood(int bytes) {
    return new Fault("flood", ANY).with("size", bytes);
  }

  /**
   * Instead of the frame, or of its second half, come bytes that are no frame.
   *
   * @param bytes how many
   */
  public static Fault garbage(int bytes) {
    return new Fault("garbage", FRAMES).with("size", bytes);
  }

  /** The reply carries the id of a call that nobody made; no other follows. */
  public static Fault foreignReply() {
    return new Fault("foreign", EnumSet.of(Moment.BEFORE_REPLY));
  }

  /** The reply is sent twice. */
  public static Fault secondReply() {
    return new Fault("twice", EnumSet.of(Moment.BEFORE_REPLY));
  }

  /**
   * The import raises ImportError.
   *
   * @param message its message
   */
  public static Fault importError(String message) {
    return new Fault("fail", EnumSet.of(Moment.IMPORT)).with("message", message);
  }

  Map<String, Object> orderFor(Moment moment) {
    if (!moments.contains(moment)) {
      throw new IllegalArgumentException(
          "The fault '%s' can strike at %s, not at %s".formatted(this, moments, moment));
    }
    return order;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    order.forEach((name, value) -> text.append(name.equals("fault") ? "" : " ").append(value));
    return text.toString();
  }
}
