// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.serpentry.mock.MockCall;
import org.serpentry.mock.MockReply;
import org.serpentry.mock.MockScript;
import org.serpentry.protocol.CallHeader;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.protocol.HeaderFields;
import org.serpentry.protocol.MalformedFrameException;
import org.serpentry.protocol.SessionState;
import org.serpentry.spi.Codec;

/**
 * Answers the calls of one worker of the bridge mock by a script, and keeps its copies of sessions'
 * states. Any thread.
 */
@SuppressWarnings("ArrayRecordComponent") // carriers of bytes, never compared
final class FakeCalls {

  private static final byte[] NONE = new byte[0];

  private final MockScript script;
  private final Codec codec;
  private final Map<Long, Copy> states = new ConcurrentHashMap<>();

  /** A session's state as the worker has seen it last. */
  private record Copy(long version, byte[] json) {}

  /** A reply to be written, or the exit status with which the worker dies in its place. */
  record Answer(FrameKind kind, byte[] header, byte[] payload, byte[] tail, Integer exitCode) {}

  FakeCalls(MockScript script, Codec codec) {
    this.script = script;
    this.codec = codec;
  }

  /** The answer to a call, after the time that the script gives it. */
  Answer answer(Frame frame, int pid, long worker, CountDownLatch cancelled)
      throws InterruptedException {
    CallHeader header;
    try {
      header = CallHeader.read(frame.header());
    } catch (MalformedFrameException e) {
      return error("PROTOCOL", "", e.getMessage(), Map.of());
    }
    if (header.target().equals("serpentry:ping")) {
      return result(
          Map.of(
              "status",
              "ok",
              "pid",
              pid,
              "worker",
              worker,
              "uptimeSeconds",
              0,
              "collections",
              List.of()));
    }
    if (header.target().equals("serpentry:forget_sessions")) {
      arguments(frame, header).positional().forEach(this::forget);
      return result(null);
    }
    return scripted(frame, header, cancelled);
  }

  private void forget(Object serials) {
    if (serials instanceof List<?> list) {
      list.forEach(serial -> states.remove(((Number) serial).longValue()));
    }
  }

  private Answer scripted(Frame frame, CallHeader header, CountDownLatch cancelled)
      throws InterruptedException {
    byte[] before = state(frame, header.state());
    if (before == null) {
      return error("PROTOCOL", "", "the worker does not have this session's state", Map.of());
    }
    Map<String, Object> state = object(before, 0, before.length);
    MockCall plain = arguments(frame, header);
    MockCall call =
        new MockCall(
            plain.target(),
            plain.positional(),
            plain.named(),
            plain.session(),
            state,
            plain.timeout());
    MockReply reply = script.reply(call);
    if (stopped(reply, cancelled)) {
      return error("CANCELLED", "serpentry.CallCancelled", "the call was cancelled", Map.of());
    }
    return of(reply.end(), header, before, state);
  }

  private static boolean stopped(MockReply reply, CountDownLatch cancelled)
      throws InterruptedException {
    if (reply.end() instanceof MockReply.Hang) {
      cancelled.await();
      return true;
    }
    return cancelled.await(reply.delay().toNanos(), TimeUnit.NANOSECONDS);
  }

  private Answer of(
      MockReply.End end, CallHeader header, byte[] before, Map<String, Object> state) {
    if (end instanceof MockReply.Raised raised) {
      return error("PYTHON", raised.type(), raised.message(), Map.of());
    }
    if (end instanceof MockReply.Unknown unknown) {
      return error("NOT_EXPOSED", "", unknown.text(), Map.of("target", header.target()));
    }
    if (end instanceof MockReply.Crash crash) {
      return new Answer(null, NONE, NONE, NONE, crash.exitCode());
    }
    Object value =
        end instanceof MockReply.Value given ? given.value() : "mock answer of " + header.target();
    byte[] payload = codec.encode(value);
    byte[] after = header.state() == null ? before : codec.encode(state);
    if (java.util.Arrays.equals(before, after)) {
      return new Answer(FrameKind.RESULT, NONE, payload, NONE, null);
    }
    long version = header.state().version() + 1;
    states.put(header.state().serial(), new Copy(version, after));
    return new Answer(FrameKind.RESULT, changed(version, after.length), payload, after, null);
  }

  /** The header field that says that a state has changed and comes along. */
  private static byte[] changed(long version, int length) {
    HeaderFields fields = new HeaderFields();
    fields.put(
        HeaderFields.SESSION_STATE,
        ByteBuffer.allocate(13).putLong(version).put((byte) 1).putInt(length).array());
    return fields.toByteArray();
  }

  /** The state that a call is for, in the codec's own form; null when it is not here. */
  private byte[] state(Frame frame, SessionState.Sent sent) {
    byte[] empty = codec.encode(Map.of());
    if (sent == null) {
      return empty;
    }
    if (sent.version() == 0) {
      states.put(sent.serial(), new Copy(0, empty));
      return empty;
    }
    if (sent.length() != SessionState.HAD) {
      int begin = frame.payload().length - sent.length();
      byte[] json = codec.encode(object(frame.payload(), begin, sent.length()));
      states.put(sent.serial(), new Copy(sent.version(), json));
      return json;
    }
    Copy copy = states.get(sent.serial());
    return copy == null || copy.version() != sent.version() ? null : copy.json();
  }

  private Map<String, Object> object(byte[] bytes, int begin, int length) {
    Map<String, Object> read = codec.decode(bytes, begin, length, Object.class);
    return new LinkedHashMap<>(read);
  }

  @SuppressWarnings("unchecked") // JSON objects have text keys
  private MockCall arguments(Frame frame, CallHeader header) {
    SessionState.Sent sent = header.state();
    int tail = sent == null || sent.length() == SessionState.HAD ? 0 : sent.length();
    Object given = codec.decode(frame.payload(), 0, frame.payload().length - tail, Object.class);
    List<Object> positional = given instanceof List<?> list ? (List<Object>) list : List.of();
    Map<String, Object> named =
        given instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    if (frame.flags() == Frame.FLAG_MIXED) {
      named = (Map<String, Object>) positional.get(1);
      positional = (List<Object>) positional.get(0);
    }
    return new MockCall(
        header.target(),
        positional,
        named,
        header.session(),
        new LinkedHashMap<>(),
        Duration.ofMillis(header.remainingMillis()));
  }

  private Answer result(Object value) {
    return new Answer(FrameKind.RESULT, NONE, codec.encode(value), NONE, null);
  }

  private Answer error(String code, String type, String message, Map<String, Object> details) {
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("code", code);
    record.put("type", type);
    record.put("message", message);
    record.put("traceback", "");
    record.put("frames", List.of());
    record.put("details", details);
    return new Answer(FrameKind.ERROR, NONE, codec.encode(record), NONE, null);
  }
}
