// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.serpentry.mock.MockItems;
import org.serpentry.mock.MockReply;
import org.serpentry.mock.MockScript;
import org.serpentry.protocol.SessionState;
import org.serpentry.spi.Codec;

/**
 * Answers the calls of one worker of the bridge mock by a script, and keeps its copies of sessions'
 * states. Any thread.
 */
@SuppressWarnings("ArrayRecordComponent") // carriers of bytes, never compared
final class FakeCalls {

  private final MockScript script;
  private final Codec codec;
  private final Map<Long, Copy> states = new ConcurrentHashMap<>();

  /** A session's state as the worker has seen it last. */
  private record Copy(long version, byte[] json) {}

  /** Where the items of a stream go. */
  interface Items {
    void send(byte[] json) throws IOException;
  }

  FakeCalls(MockScript script, Codec codec) {
    this.script = script;
    this.codec = codec;
  }

  /** The answer to a call, after the time that the script gives it. */
  FakeReply answer(FakeCall call, int pid, long worker, FakeRun run, Items items)
      throws InterruptedException, IOException {
    if (call.target().equals("serpentry:ping")) {
      Map<String, Object> pong = new LinkedHashMap<>();
      pong.put("status", "ok");
      pong.put("pid", pid);
      pong.put("worker", worker);
      pong.put("uptimeSeconds", 0);
      pong.put("collections", List.of());
      return FakeReply.result(codec, call, pong, null);
    }
    if (call.target().equals("serpentry:forget_sessions")) {
      call.positional().forEach(this::forget);
      return FakeReply.result(codec, call, null, null);
    }
    return scripted(call, run, items);
  }

  private void forget(Object serials) {
    if (serials instanceof List<?> list) {
      list.forEach(serial -> states.remove(((Number) serial).longValue()));
    }
  }

  private FakeReply scripted(FakeCall call, FakeRun run, Items items)
      throws InterruptedException, IOException {
    byte[] before = state(call);
    if (before == null) {
      return refused(call, "PROTOCOL", "the worker does not have this session's state");
    }
    Map<String, Object> state = object(before);
    MockReply reply = script.reply(call.scripted(state));
    if (stopped(reply, run)) {
      return cancelled(call);
    }
    FakeReply failed = failed(call, reply.end());
    if (failed != null) {
      return failed;
    }
    Object value = value(call, reply.end());
    if (call.credit() != null) {
      failed = stream(call, value, run, items);
      value = null;
    }
    return failed != null
        ? failed
        : FakeReply.result(codec, call, value, changed(call, before, state));
  }

  private FakeReply failed(FakeCall call, MockReply.End end) {
    if (end instanceof MockReply.Raised raised) {
      return FakeReply.error(codec, call, "PYTHON", raised.type(), raised.message(), Map.of());
    }
    if (end instanceof MockReply.Unknown unknown) {
      return FakeReply.error(
          codec, call, "NOT_EXPOSED", "", unknown.text(), Map.of("target", call.target()));
    }
    return end instanceof MockReply.Crash crash ? FakeReply.death(crash.exitCode()) : null;
  }

  private static Object value(FakeCall call, MockReply.End end) {
    if (end instanceof MockReply.Value given) {
      return given.value();
    }
    String text = "mock answer of " + call.target();
    return call.credit() == null ? text : List.of(text);
  }

  private static boolean stopped(MockReply reply, FakeRun run) throws InterruptedException {
    if (reply.end() instanceof MockReply.Hang) {
      run.awaitCancelled();
      return true;
    }
    return run.cancelledWithin(reply.delay().toNanos());
  }

  /** Sends the items; returns what ends the stream before its last, or null. */
  private FakeReply stream(FakeCall call, Object value, FakeRun run, Items items)
      throws InterruptedException, IOException {
    Iterator<?> all = MockItems.of(value);
    if (all == null) {
      return refused(call, "NOT_A_STREAM", MockItems.refusal(call.target(), value));
    }
    while (true) {
      Object item;
      try {
        if (!all.hasNext()) {
          return null;
        }
        item = all.next();
      } catch (RuntimeException e) {
        return failed(call, MockReply.of(e));
      }
      byte[] json = codec.encode(item);
      if (!run.take(json.length)) {
        return cancelled(call);
      }
      items.send(json);
    }
  }

  private FakeReply cancelled(FakeCall call) {
    return FakeReply.error(
        codec, call, "CANCELLED", "serpentry.CallCancelled", "the call was cancelled", Map.of());
  }

  /** An answer that no function has given. */
  FakeReply refused(FakeCall call, String code, String message) {
    return FakeReply.error(codec, call, code, "", message, Map.of());
  }

  /** The answer in place of one that exceeds the limit of frames. */
  FakeReply tooLarge(FakeCall call, FakeReply answer, long limit) {
    return FakeReply.error(
        codec,
        call,
        "RESULT_TOO_LARGE",
        "",
        "the result has %d bytes".formatted(answer.size()),
        Map.of("size", answer.size(), "limit", limit));
  }

  /** What the call has made of its session's state; null when that is as it was. */
  private FakeReply.Changed changed(FakeCall call, byte[] before, Map<String, Object> state) {
    SessionState.Sent sent = call.header().state();
    if (sent == null) {
      return null;
    }
    byte[] after = codec.encode(state);
    if (Arrays.equals(before, after)) {
      return null;
    }
    long version = sent.version() + 1;
    states.put(sent.serial(), new Copy(version, after));
    return new FakeReply.Changed(version, after);
  }

  /** The state that a call is for, in the codec's own form; null when it is not here. */
  private byte[] state(FakeCall call) {
    byte[] empty = codec.encode(Map.of());
    SessionState.Sent sent = call.header().state();
    if (sent == null) {
      return empty;
    }
    if (sent.version() == 0) {
      states.put(sent.serial(), new Copy(0, empty));
      return empty;
    }
    if (call.state() != null) {
      byte[] json = codec.encode(object(call.state()));
      states.put(sent.serial(), new Copy(sent.version(), json));
      return json;
    }
    Copy copy = states.get(sent.serial());
    return copy == null || copy.version() != sent.version() ? null : copy.json();
  }

  private Map<String, Object> object(byte[] json) {
    Map<String, Object> read = codec.decode(json, 0, json.length, Object.class);
    return new LinkedHashMap<>(read);
  }
}
