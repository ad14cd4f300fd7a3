// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Map;
import org.serpentry.api.Outcome;
import org.serpentry.api.PythonPoolException;
import org.serpentry.attachment.BinaryReply;
import org.serpentry.attachment.BinaryResult;
import org.serpentry.attachment.Lent;
import org.serpentry.protocol.Attachment;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.protocol.MalformedFrameException;
import org.serpentry.spi.Codec;
import org.serpentry.worker.Worker;

/** Turns replies into values or exceptions. Immutable; used after the lease has ended. */
final class Replies {

  private final Codec codec;
  private final Failures failures;
  private final Tables tables;

  Replies(Codec codec, Failures failures, Tables tables) {
    this.tables = tables;
    this.codec = codec;
    this.failures = failures;
  }

  /** How the lease ended, by the kind of the reply. */
  Outcome outcome(Frame reply) {
    return switch (reply.kind()) {
      case RESULT -> Outcome.SUCCESS;
      case ERROR -> Outcome.PYTHON_ERROR;
      default -> Outcome.WORKER_FAILURE;
    };
  }

  MalformedFrameException unexpected(Frame reply) {
    return new MalformedFrameException(reply.kind() + " in place of a reply");
  }

  /** The result, or throws what Python raised or what keeps the result from its type. */
  Object value(CallRequest request, Worker worker, Frame reply) {
    try {
      return valueOf(request, worker, reply);
    } catch (RuntimeException | Error e) {
      if (reply.header().length != 0) {
        worker.memory().results().abandon(reply.requestId());
      }
      throw e;
    }
  }

  private Object valueOf(CallRequest request, Worker worker, Frame reply) {
    byte[] payload = reply.payload();
    learn(request, worker, reply);
    if (reply.kind() == FrameKind.ERROR) {
      throw error(request, worker, reply);
    }
    Route route = request.route();
    if (route != null) {
      int length = route.taken(request, worker, reply);
      payload = length == payload.length ? payload : Arrays.copyOf(payload, length);
    }
    if (request.type() == Void.class || request.inflow() != null) {
      return null;
    }
    try {
      if (reply.header().length != 0) {
        Lent lent = worker.memory().results().take(reply.requestId());
        if (lent == null) {
          lent = BinaryReply.of(reply);
        }
        if (lent != null && lent.entry().kind() == Attachment.TABLE) {
          return tables.rows(request.type(), lent);
        }
        if (lent != null) {
          return BinaryResult.read(request.type(), lent.entry(), lent);
        }
      }
      if (BinaryResult.isBinaryOnly(request.type())) {
        return BinaryReply.fromJson(payload);
      }
      tables.cameAsJson(request, payload.length);
      return codec.decode(payload, 0, payload.length, request.type());
    } catch (MalformedFrameException e) {
      throw failures.malformed(request, worker, reply.requestId(), e);
    } catch (RuntimeException e) {
      throw failures.undecodable(request, worker, reply.requestId(), e);
    }
  }

  private void learn(CallRequest request, Worker worker, Frame reply) {
    if (reply.header().length == 0) {
      return;
    }
    try {
      tables.learn(request, worker, reply);
    } catch (MalformedFrameException e) {
      throw failures.malformed(request, worker, reply.requestId(), e);
    }
  }

  /** One item of a stream. */
  Object item(CallRequest request, Worker worker, long id, byte[] payload, Type type) {
    try {
      return BinaryResult.isBinaryOnly(type)
          ? BinaryReply.fromJson(payload)
          : codec.decode(payload, 0, payload.length, type);
    } catch (RuntimeException e) {
      throw failures.undecodable(request, worker, id, e);
    }
  }

  /** How a stream ended: what Python raised, or null. */
  PythonPoolException failure(CallRequest request, Worker worker, Frame reply) {
    return reply.kind() == FrameKind.ERROR ? error(request, worker, reply) : null;
  }

  private PythonPoolException error(CallRequest request, Worker worker, Frame reply) {
    Map<String, Object> error;
    try {
      error = codec.decode(reply.payload(), 0, reply.payload().length, WorkerPool.OBJECT);
    } catch (RuntimeException e) {
      return failures.malformed(request, worker, reply.requestId(), e);
    }
    return failures.ofError(request, worker, reply.requestId(), error);
  }
}
