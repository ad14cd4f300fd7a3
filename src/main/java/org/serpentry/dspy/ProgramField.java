// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An input or an output of a program.
 *
 * @param name its name; any text, Python gets an identifier made from it
 * @param type one of {@code string, integer, float, boolean, atom, any, map, list, dict, union,
 *     embedding, probability, confidence_score, reasoning_chain}, with parameters where it has any:
 *     {@code list<string>}, {@code dict<string,integer>}, {@code union<string,integer>}
 * @param description tells the model what it is; may be empty
 */
public record ProgramField(String name, String type, String description) {

  Map<String, Object> wire() {
    Map<String, Object> wire = new LinkedHashMap<>();
    wire.put("name", name);
    wire.put("type", type);
    wire.put("description", description);
    return wire;
  }
}
