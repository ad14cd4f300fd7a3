// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.serpentry.protocol.CallHeader;
import org.serpentry.protocol.Frame;
import org.serpentry.spi.Codec;
import org.serpentry.transport.OutgoingCall;

/** Turns requests into what is sent. Immutable; used on the calling threads. */
final class CallEncoder {

  private final Codec codec;
  private final Failures failures;
  private final int frameLimit;

  CallEncoder(Codec codec, Failures failures, int frameLimit) {
    this.codec = codec;
    this.failures = failures;
    this.frameLimit = frameLimit;
  }

  /** The arguments as JSON. Throws when they cannot be written, or are too many. */
  byte[] encode(CallRequest request) {
    byte[] payload;
    try {
      payload = codec.encode(arguments(request));
    } catch (RuntimeException e) {
      throw failures.unencodable(request, e);
    }
    // Counted as the frame's length field counts: a worker that met a longer one would have to
    // leave.
    long size =
        (long) Frame.COUNTED_PREFIX
            + CallHeader.length(
                request.targetBytes(), bytes(request.session()), bytes(request.traceparent()))
            + payload.length;
    if (size > frameLimit) {
      throw failures.tooLarge(request, size);
    }
    return payload;
  }

  private static Object arguments(CallRequest request) {
    if (request.positional().isEmpty()) {
      return request.named();
    }
    return request.named().isEmpty()
        ? request.positional()
        : List.of(request.positional(), request.named());
  }

  /** The call as it is sent. */
  OutgoingCall frame(CallRequest request, long id, byte[] payload) {
    boolean mixed = !request.positional().isEmpty() && !request.named().isEmpty();
    return new OutgoingCall(
        id,
        mixed ? Frame.FLAG_MIXED : 0,
        request.targetBytes(),
        bytes(request.session()),
        bytes(request.traceparent()),
        payload);
  }

  private static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }
}
