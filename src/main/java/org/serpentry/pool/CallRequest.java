// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.serpentry.api.PythonPoolException;
import org.serpentry.protocol.TraceContext;
import org.serpentry.telemetry.CallRecording;
import org.serpentry.telemetry.FlightRecorder;
import org.serpentry.worker.RunningCall;

/**
 * Everything about one call but its result. Immutable.
 *
 * @param target {@code module:function}
 * @param targetBytes the same in UTF-8, encoded once
 * @param positional arguments by position
 * @param named arguments by name, in their order
 * @param type the result's type; {@code Void.class} drops the result; a stream's is where its items
 *     go
 * @param timeout the operation timeout, or null for the pool's
 * @param checkoutTimeout the checkout timeout, or null for the pool's
 * @param budget limit of all its waits, attempts and pauses together, or null for the pool's
 * @param retries how often to try again, or -1 for the pool's number
 * @param idempotent whether running it twice does no harm
 * @param session the session that it belongs to, or null
 * @param trace the caller's W3C trace context, or null
 * @param fallback answers in place of a failed call, or null
 */
@SuppressWarnings("ArrayRecordComponent") // the bytes belong to the text beside them
public record CallRequest(
    String target,
    byte[] targetBytes,
    List<Object> positional,
    Map<String, Object> named,
    Type type,
    Duration timeout,
    Duration checkoutTimeout,
    Duration budget,
    int retries,
    boolean idempotent,
    CallSession session,
    TraceContext trace,
    Function<? super PythonPoolException, ?> fallback)
    implements RunningCall.Arguments {

  private static final String UNNAMED = "(unnamed thread)";

  /** A call with the pool's budget. */
  public CallRequest(
      String target,
      byte[] targetBytes,
      List<Object> positional,
      Map<String, Object> named,
      Type type,
      Duration timeout,
      Duration checkoutTimeout,
      int retries,
      boolean idempotent,
      CallSession session,
      TraceContext trace,
      Function<? super PythonPoolException, ?> fallback) {
    this(
        target,
        targetBytes,
        positional,
        named,
        type,
        timeout,
        checkoutTimeout,
        null,
        retries,
        idempotent,
        session,
        trace,
        fallback);
  }

  /** A call of the pool's own: no arguments, no result, one attempt. */
  static CallRequest probe(String target, Duration timeout) {
    return probe(target, timeout, Void.class);
  }

  /** The same with a result. */
  static CallRequest probe(String target, Duration timeout, Type type) {
    return new CallRequest(
        target,
        target.getBytes(StandardCharsets.UTF_8),
        List.of(),
        Map.of(),
        type,
        timeout,
        null,
        null,
        0,
        false,
        null,
        null,
        null);
  }

  /**
   * The same call for somebody who answers its failures himself: without its fallback.
   *
   * @param further how often it is tried again
   * @param left limit of all that it may take, or null for the pool's
   * @return the call
   */
  public CallRequest withoutFallback(int further, Duration left) {
    return new CallRequest(
        target,
        targetBytes,
        positional,
        named,
        type,
        timeout,
        checkoutTimeout,
        left,
        further,
        idempotent,
        session,
        trace,
        null);
  }

  /**
   * The same call with less time.
   *
   * @param left limit of all that it may still take
   * @return the call
   */
  public CallRequest leaving(Duration left) {
    return repeated(left, retries, idempotent, fallback);
  }

  /** The same call with other limits of time. */
  CallRequest within(Duration run, Duration wait) {
    return new CallRequest(
        target,
        targetBytes,
        positional,
        named,
        type,
        run,
        wait,
        budget,
        retries,
        idempotent,
        session,
        trace,
        fallback);
  }

  /** The same call with another answer to its failures. */
  CallRequest repeated(
      Duration all,
      int further,
      boolean repeatable,
      Function<? super PythonPoolException, ?> instead) {
    return new CallRequest(
        target,
        targetBytes,
        positional,
        named,
        type,
        timeout,
        checkoutTimeout,
        all,
        further,
        repeatable,
        session,
        trace,
        instead);
  }

  /** The same call with other arguments. */
  CallRequest with(List<Object> byPosition, Map<String, Object> byName) {
    return new CallRequest(
        target,
        targetBytes,
        byPosition,
        byName,
        type,
        timeout,
        checkoutTimeout,
        budget,
        retries,
        idempotent,
        session,
        trace,
        fallback);
  }

  /** Another function with the same arguments, type and limits, and no fallback of its own. */
  CallRequest toward(CallRequest other) {
    return new CallRequest(
        other.target,
        other.targetBytes,
        positional,
        named,
        type,
        timeout,
        checkoutTimeout,
        budget,
        retries,
        idempotent,
        session,
        trace,
        null);
  }

  /** The same call, on its way through a session. */
  CallRequest in(Route route) {
    return new CallRequest(
        target,
        targetBytes,
        positional,
        named,
        type,
        timeout,
        checkoutTimeout,
        budget,
        retries,
        idempotent,
        route,
        trace,
        fallback);
  }

  /**
   * The same call as a stream: its items go one by one, so it is not run twice nor answered by
   * anything else.
   */
  CallRequest streaming(Inflow items) {
    return new CallRequest(
        target,
        targetBytes,
        positional,
        named,
        items,
        timeout,
        checkoutTimeout,
        budget,
        retries,
        false,
        session,
        trace,
        null);
  }

  /** Where its items go; null when it is no stream. */
  Inflow inflow() {
    return type instanceof Inflow items ? items : null;
  }

  /**
   * What the items of a stream become.
   *
   * @return their type, or null when this is no stream
   */
  public Type itemType() {
    return inflow() == null ? null : inflow().itemType();
  }

  /**
   * Gives its reader an item, for a way of calls that leads to no worker. Such items are as many as
   * they are: nothing holds them back.
   *
   * @param item the item, of the type {@link #itemType}
   */
  public void offer(Object item) {
    inflow()
        .offer(
            new Inflow.Item() {
              @Override
              public Object value() {
                return item;
              }

              @Override
              public void taken() {}
            });
  }

  /**
   * After some failures somebody else goes on with a stream: they are not its end, which its future
   * tells then.
   *
   * @param failures which
   */
  public void goesOnAfter(Predicate<PythonPoolException> failures) {
    if (inflow() != null) {
      inflow().goesOnAfter(failures);
    }
  }

  /** Where it may run; null: on any worker. */
  Route route() {
    return session instanceof Route route ? route : null;
  }

  /** It runs now, on a worker that is leased for it. */
  RunningCall running(long id, long since, String caller, RunningCall.Origin origin) {
    // An empty name stands for the pool's own calls; virtual threads have one unless it is set.
    String name = caller.isEmpty() ? UNNAMED : caller;
    return new RunningCall(id, target, since, name, sessionId(), traceparent(), origin);
  }

  /** Records its phases from now on, where somebody records and it is a call of a user's. */
  CallRecording recording(String pool) {
    return session instanceof Errand
        ? CallRecording.NONE
        : FlightRecorder.call(pool, target, sessionId(), traceparent());
  }

  /** The W3C trace context's traceparent, or null. */
  public String traceparent() {
    return trace == null ? null : trace.traceparent();
  }

  @Override
  public List<String> described(boolean values) {
    return ArgumentTexts.of(positional, named, values);
  }

  /** Its session's id, or null. */
  public String sessionId() {
    return session == null ? null : session.id();
  }
}
