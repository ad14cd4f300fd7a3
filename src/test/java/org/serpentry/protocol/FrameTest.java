// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.serpentry.original.Original;
import org.serpentry.protocol.FrameVectors.Vector;

@Original("protocol")
@Tag("core-pool")
@Tag("layer-1")
class FrameTest {

  static List<Vector> wellFormed() {
    return FrameVectors.all().stream().filter(v -> !v.malformed() && !v.incomplete()).toList();
  }

  static List<Vector> malformed() {
    return FrameVectors.all().stream().filter(Vector::malformed).toList();
  }

  static List<Vector> calls() {
    return wellFormed().stream().filter(v -> v.values().containsKey("call")).toList();
  }

  static List<Vector> malformedCalls() {
    return wellFormed().stream().filter(v -> v.values().containsKey("callError")).toList();
  }

  private static Frame read(Vector vector) throws MalformedFrameException {
    ByteBuffer in = ByteBuffer.wrap(vector.bytes("frameHex"));
    int length = in.getInt();
    Frame.checkLength(length, vector.limit());
    return Frame.read(in, length);
  }

  @ParameterizedTest
  @MethodSource("wellFormed")
  void readsTheGoldenFrames(Vector vector) throws MalformedFrameException {
    Frame frame = read(vector);
    assertThat(frame.kind().code()).isEqualTo((byte) vector.number("kind"));
    assertThat(frame.flags()).isEqualTo(vector.number("flags"));
    assertThat(frame.requestId()).isEqualTo(vector.requestId());
    assertThat(frame.header()).isEqualTo(vector.bytes("headerHex"));
    assertThat(frame.payload()).isEqualTo(vector.bytes("payloadHex"));
  }

  @ParameterizedTest
  @MethodSource("wellFormed")
  void writesTheGoldenFrames(Vector vector) throws MalformedFrameException {
    byte[] header = vector.bytes("headerHex");
    byte[] payload = vector.bytes("payloadHex");
    ByteBuffer out = ByteBuffer.allocate(Frame.PREFIX + header.length + payload.length);
    FrameKind kind = FrameKind.of((byte) vector.number("kind"));
    Frame.putPrefix(
        out, kind, vector.number("flags"), vector.requestId(), header.length, payload.length);
    assertThat(out.put(header).put(payload).array()).isEqualTo(vector.bytes("frameHex"));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void refusesMalformedFrames(Vector vector) {
    assertThatExceptionOfType(MalformedFrameException.class).isThrownBy(() -> read(vector));
  }

  @ParameterizedTest
  @MethodSource("calls")
  void readsTheGoldenCallHeaders(Vector vector) throws MalformedFrameException {
    Map<?, ?> call = (Map<?, ?>) vector.values().get("call");
    CallHeader header = CallHeader.read(vector.bytes("headerHex"));
    assertThat(header.remainingMillis())
        .isEqualTo(((Number) call.get("remainingMillis")).longValue());
    assertThat(header.target()).isEqualTo(call.get("target"));
    assertThat(header.session()).isEqualTo(call.get("session"));
    assertThat(header.traceparent()).isEqualTo(call.get("traceparent"));
    if (call.containsKey("tracestate")) {
      TraceContext trace =
          new TraceContext(
              header.traceparent(), (String) call.get("tracestate"), (String) call.get("baggage"));
      assertThat((String) vector.values().get("headerHex"))
          .endsWith(HexFormat.of().formatHex(trace.fields()));
    }
  }

  @ParameterizedTest
  @MethodSource("calls")
  void writesCallHeadersThatReadBackTheSame(Vector vector) throws MalformedFrameException {
    CallHeader header = CallHeader.read(vector.bytes("headerHex"));
    byte[] target = header.target().getBytes(StandardCharsets.UTF_8);
    byte[] session = bytes(header.session());
    byte[] trace = bytes(header.traceparent());
    ByteBuffer out = ByteBuffer.allocate(CallHeader.length(target, session, trace));
    CallHeader.put(out, header.remainingMillis() * 1_000_000, target, session, trace);
    assertThat(out.hasRemaining()).isFalse();
    assertThat(CallHeader.read(out.array())).isEqualTo(header);
  }

  static List<Vector> credits() {
    return wellFormed().stream().filter(v -> v.values().containsKey("credit")).toList();
  }

  @ParameterizedTest
  @MethodSource("credits")
  void readsAndWritesTheGoldenCredit(Vector vector) throws MalformedFrameException {
    Map<?, ?> golden = (Map<?, ?>) vector.values().get("credit");
    Credit credit =
        new Credit(
            ((Number) golden.get("items")).intValue(), ((Number) golden.get("bytes")).longValue());
    if (vector.number("kind") == FrameKind.CREDIT.code()) {
      assertThat(Credit.read(vector.bytes("payloadHex"))).isEqualTo(credit);
      assertThat(credit.frame(vector.requestId())).isEqualTo(vector.bytes("frameHex"));
    } else {
      HeaderFields field = new HeaderFields();
      field.put(HeaderFields.STREAM, credit.toByteArray());
      assertThat(vector.bytes("headerHex")).endsWith(field.toByteArray());
    }
  }

  @Test
  void refusesCreditOfAnotherLength() {
    assertThatExceptionOfType(MalformedFrameException.class)
        .isThrownBy(() -> Credit.read(new byte[Credit.LENGTH + 1]))
        .withMessageContaining("12 bytes, not 13");
  }

  private static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void coversEveryKindOfFrameAndFault() {
    assertThat(wellFormed().stream().map(v -> v.number("kind")).distinct())
        .containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    assertThat(malformed().stream().map(v -> v.values().get("error")).distinct())
        .containsExactlyInAnyOrder("length", "header-length", "kind", "flags");
    assertThat(malformedCalls()).isNotEmpty();
  }

  @Test
  void refusesCallHeadersThatAreCutShort() {
    for (Vector vector : malformedCalls()) {
      if (vector.name().contains("header")) {
        assertThatExceptionOfType(MalformedFrameException.class)
            .as(vector.name())
            .isThrownBy(() -> CallHeader.read(vector.bytes("headerHex")));
      }
    }
  }

  @Test
  void roundsTheRemainingTimeUpAndNeverSendsWhatMeansNoDeadline() throws Exception {
    assertThat(remaining(1)).isEqualTo(1);
    assertThat(remaining(1_000_000)).isEqualTo(1);
    assertThat(remaining(1_000_001)).isEqualTo(2);
    assertThat(remaining(Long.MAX_VALUE / 2)).isEqualTo(0xffff_ffffL);
    assertThat(remaining(0)).as("no deadline").isZero();
    assertThat(remaining(-5_000_000_000L)).as("a deadline that has passed").isEqualTo(1);
  }

  private static long remaining(long nanos) throws MalformedFrameException {
    byte[] target = "m:f".getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(CallHeader.length(target, null, null));
    CallHeader.put(out, nanos, target, null, null);
    return CallHeader.read(out.array()).remainingMillis();
  }
}
