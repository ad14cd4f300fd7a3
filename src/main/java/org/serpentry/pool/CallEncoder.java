// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.serpentry.attachment.BinaryArguments;
import org.serpentry.attachment.BinaryCall;
import org.serpentry.attachment.BinaryResult;
import org.serpentry.attachment.SharedMemory;
import org.serpentry.attachment.WorkerMemory;
import org.serpentry.protocol.CallHeader;
import org.serpentry.protocol.Credit;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.HeaderFields;
import org.serpentry.spi.Codec;
import org.serpentry.transport.OutgoingCall;
import org.serpentry.worker.Worker;

/** Turns requests into what is sent. Immutable; used on the calling threads. */
final class CallEncoder {

  private final Codec codec;
  private final Failures failures;
  private final int frameLimit;
  private final SharedMemory memory;
  private final Tables tables;
  private final byte[] streamField;
  private final boolean traces;

  CallEncoder(
      Codec codec,
      Failures failures,
      int frameLimit,
      SharedMemory memory,
      Tables tables,
      Credit window,
      boolean traces) {
    this.traces = traces;
    this.memory = memory;
    this.tables = tables;
    HeaderFields stream = new HeaderFields();
    stream.put(HeaderFields.STREAM, window.toByteArray());
    this.streamField = stream.toByteArray();
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
    if (request.route() != null) {
      size += request.route().extraBytes();
    }
    if (size > frameLimit) {
      throw failures.tooLarge(request, size);
    }
    return payload;
  }

  private int headerLength(CallRequest request) {
    int length =
        CallHeader.length(request.targetBytes(), bytes(request.sessionId()), traceparent(request));
    byte[] trace = traceFields(request);
    if (trace != null) {
      length += trace.length;
    }
    return request.inflow() == null ? length : length + streamField.length;
  }

  private byte[] traceparent(CallRequest request) {
    return traces ? bytes(request.traceparent()) : null;
  }

  private byte[] traceFields(CallRequest request) {
    return traces && request.trace() != null ? request.trace().fields() : null;
  }

  private static Object arguments(List<Object> positional, Map<String, Object> named) {
    if (positional.isEmpty()) {
      return named;
    }
    return named.isEmpty() ? positional : List.of(positional, named);
  }

  /** The call as it is sent. When something is thrown, nothing of it is left in shared memory. */
  OutgoingCall frame(CallRequest request, long id, byte[] payload, Worker worker) {
    if (!worker.hello().tables() && Tables.any(request)) {
      CallRequest plain = Tables.plain(request);
      return frame(plain, id, encode(plain), worker);
    }
    boolean mixed = !request.positional().isEmpty() && !request.named().isEmpty();
    OutgoingCall call =
        new OutgoingCall(
            id,
            mixed ? Frame.FLAG_MIXED : 0,
            request.targetBytes(),
            bytes(request.sessionId()),
            traceparent(request),
            payload);
    BinaryArguments binary = BinaryArguments.of(request.positional(), request.named());
    int forms = BinaryResult.forms(request.type()) | tables.forms(request, worker);
    byte[] field = request.route() == null ? null : request.route().field();
    if (binary == null && forms == BinaryResult.NONE) {
      return withFields(request, call, field);
    }
    OutgoingCall attached = withAttachments(request, call, binary, forms, worker);
    try {
      return withFields(request, attached, field);
    } catch (RuntimeException | Error e) {
      worker.memory().unsent(id, attached.fields());
      throw e;
    }
  }

  private OutgoingCall withFields(CallRequest request, OutgoingCall plain, byte[] session) {
    OutgoingCall call = plain;
    if (request.inflow() != null) {
      call = with(call, streamField, null);
    }
    byte[] trace = traceFields(request);
    if (trace != null) {
      call = with(call, trace, null);
    }
    return session == null ? call : with(call, session, request.route().state());
  }

  private OutgoingCall withAttachments(
      CallRequest request, OutgoingCall plain, BinaryArguments binary, int forms, Worker worker) {
    WorkerMemory shared = worker.memory();
    if (!worker.hello().attachments()) {
      throw failures.noAttachments(request, worker, plain.id());
    }
    // Places in the frame are counted from its beginning, the session's field included.
    Route route = request.route();
    int header = headerLength(request) + (route == null ? 0 : route.field().length);
    OutgoingCall call;
    try {
      call = BinaryCall.of(plain, header, binary, forms, shared);
    } catch (RuntimeException e) {
      throw failures.unencodable(request, e);
    }
    if (call.size() + (route == null ? 0 : route.extraBytes()) > frameLimit) {
      shared.unsent(plain.id(), call.fields());
      throw failures.tooLarge(request, call.size());
    }
    return call;
  }

  /** The call with a field more, and what goes with it. */
  private static OutgoingCall with(OutgoingCall call, byte[] field, byte[] state) {
    byte[] fields = field;
    if (call.fields() != null) {
      fields = Arrays.copyOf(field, field.length + call.fields().length);
      System.arraycopy(call.fields(), 0, fields, field.length, call.fields().length);
    }
    return new OutgoingCall(
        call.id(),
        call.flags(),
        call.target(),
        call.session(),
        call.traceparent(),
        call.payload(),
        fields,
        state == null ? call.tail() : new StateTail(call.tail(), state));
  }

  private static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }
}
