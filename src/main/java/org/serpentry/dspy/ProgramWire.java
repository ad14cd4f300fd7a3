// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.serpentry.spi.Codec;
import org.serpentry.spi.CodecException;

/** Definitions and results as the commands write them. Immutable. */
final class ProgramWire {

  private final Codec codec;

  ProgramWire(Codec codec) {
    this.codec = codec;
  }

  /** What a worker needs to build a program, beside its id. Throws CodecException by its state. */
  Map<String, Object> data(ProgramDefinition definition) {
    Map<String, Object> signature = new LinkedHashMap<>();
    signature.put("name", definition.signatureName());
    signature.put("description", definition.description());
    signature.put("inputs", definition.inputs().stream().map(ProgramField::wire).toList());
    signature.put("outputs", definition.outputs().stream().map(ProgramField::wire).toList());
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("signature", signature);
    data.put("kind", definition.kind().command());
    data.put("tools", definition.tools());
    data.put("max_iterations", definition.maxIterations() == 0 ? null : definition.maxIterations());
    data.put("state", definition.state().map(this::state).orElse(null));
    return data;
  }

  private Map<String, Object> state(String json) {
    byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
    Object state = codec.decode(utf8, 0, utf8.length, Object.class);
    if (state instanceof Map<?, ?> object) {
      return member(object);
    }
    throw new CodecException(
        CodecException.Reason.MISMATCH, "state", "a program's state is a JSON object", null);
  }

  String text(Object value) {
    return new String(codec.encode(value), StandardCharsets.UTF_8);
  }

  /** The outputs as a type of the caller's. Throws CodecException. */
  <A> A answer(Map<String, Object> outputs, Class<A> type) {
    byte[] utf8 = codec.encode(outputs);
    return codec.decode(utf8, 0, utf8.length, type);
  }

  /** A result of execute_program. */
  static Execution execution(Map<String, Object> reply) {
    Map<String, Object> metadata = member(reply.get("metadata"));
    return new Execution(
        String.valueOf(reply.get("program_id")),
        member(reply.get("outputs")),
        Duration.ofNanos(Math.round(number(reply, "execution_time").doubleValue() * 1e9)),
        String.valueOf(metadata.get("model")),
        usage(member(metadata.get("usage"))));
  }

  private static Usage usage(Map<String, Object> usage) {
    return new Usage(
        number(usage, "prompt_tokens").longValue(),
        number(usage, "completion_tokens").longValue(),
        number(usage, "total_tokens").longValue(),
        number(usage, "lm_calls").longValue(),
        number(usage, "cache_hits").longValue(),
        usage.get("cost") instanceof Number cost
            ? OptionalDouble.of(cost.doubleValue())
            : OptionalDouble.empty());
  }

  /** What the worker that took an execution lacks; nothing when it has run it. */
  static boolean lacking(Map<String, Object> reply) {
    return reply.get("needs") instanceof List<?> needs && !needs.isEmpty();
  }

  @SuppressWarnings("unchecked") // keys of JSON objects are texts
  static Map<String, Object> member(Object value) {
    return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
  }

  private static Number number(Map<String, Object> map, String key) {
    return map.get(key) instanceof Number number ? number : 0;
  }
}
