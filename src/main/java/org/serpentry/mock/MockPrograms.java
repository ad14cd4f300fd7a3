// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The built-in commands that a worker answers by itself, answered without one: pings, and DSPy's
 * programs, whose outputs are made up after their signatures. Stateless: definitions come with the
 * executions. Any thread.
 */
final class MockPrograms {

  private static final String PREFIX = "serpentry:";
  private static final BigDecimal ZERO = BigDecimal.ZERO;

  private MockPrograms() {}

  /** The answer to a built-in command, or null when it is none that can be answered. */
  static MockReply.End answer(MockCall call) {
    if (!call.target().startsWith(PREFIX)) {
      return null;
    }
    Object value =
        switch (call.target().substring(PREFIX.length())) {
          case "ping" -> map("status", "ok", Inventor.MARK, true);
          case "configure_lm" -> map("status", "configured", Inventor.MARK, true);
          case "create_program" -> map("status", "created", "program_id", call.named().get("id"));
          case "execute_program" -> execution(call);
          case "stream_program" -> pieces(execution(call));
          case "dump_program" -> map("state", Map.of());
          case "get_stats" -> map("programs_count", ZERO, Inventor.MARK, true);
          case "forget_sessions", "log_level" -> map("status", "ok");
          default -> null;
        };
    return value == null ? null : new MockReply.Value(value);
  }

  private static List<Object> pieces(Map<String, Object> execution) {
    List<Object> pieces = new ArrayList<>();
    if (execution.get("outputs") instanceof Map<?, ?> outputs) {
      outputs.forEach(
          (field, text) -> {
            if (text instanceof String) {
              pieces.add(map("field", field, "text", text));
            }
          });
    }
    pieces.add(execution);
    return pieces;
  }

  private static Map<String, Object> execution(MockCall call) {
    Object data = call.named().get("program_data");
    if (!(data instanceof Map<?, ?> program)) {
      return map("program_id", call.named().get("program_id"), "needs", List.of("program"));
    }
    Map<String, Object> outputs = new LinkedHashMap<>();
    for (Map<?, ?> field : fields(program)) {
      String name = String.valueOf(field.get("name"));
      outputs.put(name, output(name, String.valueOf(field.get("type"))));
    }
    return map(
        "program_id",
        call.named().get("program_id"),
        "outputs",
        outputs,
        "execution_time",
        ZERO,
        "metadata",
        map("model", "mock", "usage", Map.of()));
  }

  private static List<Map<?, ?>> fields(Map<?, ?> program) {
    List<Map<?, ?>> fields = new ArrayList<>();
    if (program.get("signature") instanceof Map<?, ?> signature
        && signature.get("outputs") instanceof List<?> outputs) {
      for (Object output : outputs) {
        if (output instanceof Map<?, ?> field) {
          fields.add(field);
        }
      }
    }
    return fields;
  }

  private static Object output(String name, String type) {
    String plain = type.contains("[") ? type.substring(0, type.indexOf('[')) : type;
    return switch (plain) {
      case "integer", "int", "float", "probability", "confidence_score" -> ZERO;
      case "boolean", "bool" -> false;
      case "list", "embedding" -> List.of();
      case "map", "dict" -> map(Inventor.MARK, true);
      default -> "mock " + name;
    };
  }

  private static Map<String, Object> map(Object... members) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < members.length; i += 2) {
      map.put((String) members[i], members[i + 1]);
    }
    return map;
  }
}
