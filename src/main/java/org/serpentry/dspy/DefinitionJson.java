// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.spi.CodecException;

/** Programs as a session store keeps them: JSON in UTF-8. Any thread. */
final class DefinitionJson implements AutoCloseable {

  private static final int NESTING = 16; // A state is a text in it.

  private final JsonbCodec codec = JsonbCodec.create(false, NESTING);

  /** A definition and when it was created. */
  record Dated(ProgramDefinition definition, Instant createdAt) {}

  byte[] one(Dated program) {
    return codec.encode(map(program));
  }

  byte[] many(Map<String, Dated> programs) {
    Map<String, Object> all = new LinkedHashMap<>();
    programs.forEach((id, program) -> all.put(id, map(program)));
    return codec.encode(all);
  }

  private static Map<String, Object> map(Dated program) {
    ProgramDefinition definition = program.definition();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("id", definition.id());
    map.put("kind", definition.kind().name());
    map.put("signature", definition.signatureName());
    map.put("description", definition.description());
    map.put("inputs", definition.inputs().stream().map(ProgramField::wire).toList());
    map.put("outputs", definition.outputs().stream().map(ProgramField::wire).toList());
    map.put("tools", definition.tools());
    map.put("maxIterations", definition.maxIterations());
    map.put("state", definition.state().orElse(null));
    map.put("timeout", definition.timeout().map(Duration::toString).orElse(null));
    map.put("idempotent", definition.idempotent());
    map.put("createdAt", program.createdAt().toString());
    return map;
  }

  @Override
  public void close() {
    codec.close();
  }

  /** Throws Refusal when it is none. */
  Dated one(byte[] utf8, String name) {
    try {
      return program(object(utf8));
    } catch (CodecException | IllegalArgumentException | DateTimeException e) {
      throw noProgram(name, e);
    }
  }

  /** Throws Refusal when it is none. */
  Map<String, Dated> many(byte[] utf8, String name) {
    try {
      Map<String, Dated> programs = new LinkedHashMap<>();
      object(utf8).forEach((id, value) -> programs.put(id, program(ProgramWire.member(value))));
      return programs;
    } catch (CodecException | IllegalArgumentException | DateTimeException e) {
      throw noProgram(name, e);
    }
  }

  private static Refusal noProgram(String name, RuntimeException cause) {
    return new Refusal(
        DspyProblem.STORE_FAILED,
        "what the session store has under %s was not put there by this class: %s"
            .formatted(name, cause.getMessage()),
        cause);
  }

  private Map<String, Object> object(byte[] utf8) {
    Object value = codec.decode(utf8, 0, utf8.length, Object.class);
    if (value instanceof Map<?, ?>) {
      return ProgramWire.member(value);
    }
    throw new IllegalArgumentException("no JSON object");
  }

  private static Dated program(Map<String, Object> map) {
    ProgramDefinition.Builder builder =
        ProgramDefinition.named(text(map, "id"))
            .kind(ProgramKind.valueOf(text(map, "kind")))
            .signature(text(map, "signature"))
            .describedAs(text(map, "description"));
    for (Map<String, Object> field : members(map, "inputs")) {
      builder.input(text(field, "name"), text(field, "type"), text(field, "description"));
    }
    for (Map<String, Object> field : members(map, "outputs")) {
      builder.output(text(field, "name"), text(field, "type"), text(field, "description"));
    }
    for (Object tool : list(map, "tools")) {
      builder.tools(String.valueOf(tool));
    }
    if (map.get("maxIterations") instanceof Number turns && turns.intValue() > 0) {
      builder.maxIterations(turns.intValue());
    }
    if (map.get("state") instanceof String state) {
      builder.state(state);
    }
    if (map.get("timeout") instanceof String timeout) {
      builder.timeout(Duration.parse(timeout));
    }
    if (Boolean.TRUE.equals(map.get("idempotent"))) {
      builder.idempotent();
    }
    return new Dated(builder.build(), Instant.parse(text(map, "createdAt")));
  }

  private static String text(Map<String, Object> map, String key) {
    if (map.get(key) instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException("it has no text \"" + key + "\"");
  }

  private static List<?> list(Map<String, Object> map, String key) {
    if (map.get(key) instanceof List<?> list) {
      return list;
    }
    throw new IllegalArgumentException("it has no list \"" + key + "\"");
  }

  private static List<Map<String, Object>> members(Map<String, Object> map, String key) {
    return list(map, key).stream().map(ProgramWire::member).toList();
  }
}
