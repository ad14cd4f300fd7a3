// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.serpentry.protocol.FrameVectors.Vector;
import org.serpentry.protocol.SessionState.Returned;

/** The field of the session's state against the golden vectors. */
@Tag("layer-1")
class SessionStateTest {

  private static List<Vector> vectors(String key) {
    return FrameVectors.of("sessions.json").stream()
        .filter(vector -> vector.values().containsKey(key))
        .toList();
  }

  static List<Vector> calls() {
    return vectors("call");
  }

  static List<Vector> results() {
    return vectors("returned");
  }

  static List<Vector> brokenResults() {
    return vectors("returnedError");
  }

  @ParameterizedTest
  @MethodSource("calls")
  void readsAndWritesTheFieldOfCalls(Vector vector) throws MalformedFrameException {
    Map<?, ?> call = (Map<?, ?>) vector.values().get("call");
    Map<?, ?> state = (Map<?, ?>) call.get("state");
    SessionState.Sent sent =
        new SessionState.Sent(
            Long.parseUnsignedLong((String) state.get("serial")),
            ((Number) state.get("version")).longValue(),
            state.get("length") == null
                ? SessionState.HAD
                : ((Number) state.get("length")).intValue());
    CallHeader header = CallHeader.read(vector.bytes("headerHex"));
    assertThat(header.state()).isEqualTo(sent);
    assertThat(header.session()).isEqualTo(call.get("session"));

    byte[] whole = vector.bytes("headerHex");
    byte[] field = sent.field();
    assertThat(Arrays.copyOfRange(whole, whole.length - field.length, whole.length))
        .isEqualTo(field);
  }

  @ParameterizedTest
  @MethodSource("results")
  void readsTheFieldOfResults(Vector vector) throws MalformedFrameException {
    Map<?, ?> told = (Map<?, ?>) vector.values().get("returned");
    Returned returned =
        SessionState.returned(vector.bytes("headerHex"), vector.bytes("payloadHex").length);
    assertThat(returned)
        .isEqualTo(
            new Returned(
                ((Number) told.get("version")).longValue(),
                (Boolean) told.get("changed"),
                (Boolean) told.get("keepsLocal"),
                ((Number) told.get("length")).intValue()));
  }

  @ParameterizedTest
  @MethodSource("brokenResults")
  void refusesBrokenFieldsOfResults(Vector vector) {
    assertThatExceptionOfType(MalformedFrameException.class)
        .isThrownBy(
            () ->
                SessionState.returned(
                    vector.bytes("headerHex"), vector.bytes("payloadHex").length));
  }

  @Test
  void refusesFieldsOfCallsThatHaveAnotherLength() {
    assertThat(vectors("callError"))
        .isNotEmpty()
        .allSatisfy(
            vector ->
                assertThatExceptionOfType(MalformedFrameException.class)
                    .isThrownBy(() -> CallHeader.read(vector.bytes("headerHex"))));
  }

  @Test
  void aResultWithoutTheFieldSaysThatNothingHasChanged() throws MalformedFrameException {
    assertThat(SessionState.returned(new byte[0], 4)).isNull();
    assertThat(SessionState.returned(new byte[] {99, 0, 1, 7}, 4)).as("another field").isNull();
  }
}
