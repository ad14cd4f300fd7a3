// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.serpentry.api.PythonPoolException;
import org.serpentry.attachment.BinaryArguments;
import org.serpentry.attachment.BinaryCall;
import org.serpentry.attachment.BinaryResult;
import org.serpentry.attachment.SharedMemory;
import org.serpentry.attachment.WorkerMemory;
import org.serpentry.protocol.CallHeader;
import org.serpentry.protocol.Frame;
import org.serpentry.spi.Codec;
import org.serpentry.transport.OutgoingCall;
import org.serpentry.worker.Worker;

/** Turns requests into what is sent. Immutable; used on the calling threads. */
final class CallEncoder {

  private final Codec codec;
  private final Failures failures;
  private final int frameLimit;
  private final SharedMemory memory;

  CallEncoder(Codec codec, Failures failures, int frameLimit, SharedMemory memory) {
    this.memory = memory;
    this.codec = codec;
    this.failures = failures;
    this.frameLimit = frameLimit;
  }

  /** The arguments as JSON. Throws when they cannot be written, or are too many. */
  byte[] encode(CallRequest request) {
    byte[] payload;
    BinaryArguments binary;
    try {
      binary = BinaryArguments.of(request.positional(), request.named());
      payload =
          codec.encode(
              binary == null
                  ? arguments(request.positional(), request.named())
                  : arguments(binary.positional(), binary.named()));
    } catch (RuntimeException e) {
      throw failures.unencodable(request, e);
    }
    // Counted as the frame's length field counts: a worker that met a longer one would have to
    // leave.
    long size = (long) Frame.COUNTED_PREFIX + headerLength(request) + payload.length;
    if (binary != null && !memory.takes(binary.room())) {
      size += binary.frameLength();
    }
    if (size > frameLimit) {
      throw failures.tooLarge(request, size);
    }
    return payload;
  }

  private static int headerLength(CallRequest request) {
    return CallHeader.length(
        request.targetBytes(), bytes(request.session()), bytes(request.traceparent()));
  }

  private static Object arguments(List<Object> positional, Map<String, Object> named) {
    if (positional.isEmpty()) {
      return named;
    }
    return named.isEmpty() ? positional : List.of(positional, named);
  }

  /** The call as it is sent. */
  OutgoingCall frame(CallRequest request, long id, byte[] payload, Worker worker) {
    boolean mixed = !request.positional().isEmpty() && !request.named().isEmpty();
    OutgoingCall call =
        new OutgoingCall(
            id,
            mixed ? Frame.FLAG_MIXED : 0,
            request.targetBytes(),
            bytes(request.session()),
            bytes(request.traceparent()),
            payload);
    BinaryArguments binary = BinaryArguments.of(request.positional(), request.named());
    int forms = BinaryResult.forms(request.type());
    return binary == null && forms == BinaryResult.NONE
        ? call
        : withAttachments(request, call, binary, forms, worker);
  }

  private OutgoingCall withAttachments(
      CallRequest request, OutgoingCall plain, BinaryArguments binary, int forms, Worker worker) {
    WorkerMemory shared = worker.memory();
    if (!worker.hello().attachments()) {
      throw failures.noAttachments(request, worker, plain.id());
    }
    try {
      OutgoingCall call = BinaryCall.of(plain, headerLength(request), binary, forms, shared);
      if (call.size() > frameLimit) {
        throw failures.tooLarge(request, call.size());
      }
      return call;
    } catch (RuntimeException e) {
      shared.unsent(plain.id());
      throw e instanceof PythonPoolException ? e : failures.unencodable(request, e);
    }
  }

  private static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }
}
