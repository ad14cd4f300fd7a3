// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.json.JsonException;
import jakarta.json.spi.JsonProvider;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParser.Event;
import jakarta.json.stream.JsonParsingException;
import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.serpentry.api.PythonFunction;

/**
 * The arguments in a request's body: an object gives them by name, an array by position. Numbers
 * stay as they were written. At most {@value #MEMBERS} by name. Reads once, by one thread.
 */
final class Arguments {
  /** The most that {@code max-nesting} can allow; the pool applies its own. */
  private static final int NESTING = 900;

  /** What Python itself reads of an integer; Java would take seconds for a million digits. */
  private static final int DIGITS = 4300;

  /** More names than any function has; each costs a look at all before it. */
  static final int MEMBERS = 1_000;

  private static final JsonProvider JSON = JsonProvider.provider();

  private final JsonParser parser;

  private Arguments(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * Adds the arguments to a call.
   *
   * @param function the call so far
   * @param body UTF-8
   * @throws RefusedException when the body is not one JSON object or array, or the object has more
   *     than {@value #MEMBERS} members
   */
  static PythonFunction add(PythonFunction function, byte[] body) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
    } catch (CharacterCodingException e) {
      throw malformed("not UTF-8", e);
    }
    Object arguments;
    try (JsonParser parser =
        JSON.createParserFactory(Map.of())
            .createParser(new ByteArrayInputStream(body), StandardCharsets.UTF_8)) {
      arguments = new Arguments(parser).document();
    } catch (JsonParsingException | NoSuchElementException e) {
      throw malformed("not JSON", e);
    } catch (JsonException e) {
      throw malformed("unreadable", e);
    }
    return add(function, arguments);
  }

  private static PythonFunction add(PythonFunction function, Object arguments) {
    if (arguments instanceof List<?> positional) {
      return function.args(positional.toArray());
    }
    PythonFunction call = function;
    for (Map.Entry<?, ?> argument : ((Map<?, ?>) arguments).entrySet()) {
      call = call.arg((String) argument.getKey(), argument.getValue());
    }
    return call;
  }

  private Object document() {
    if (!parser.hasNext()) {
      throw malformed("empty", null);
    }
    Event first = parser.next();
    if (first != Event.START_OBJECT && first != Event.START_ARRAY) {
      throw malformed("neither object nor array but " + first, null);
    }
    Object document = value(first, NESTING);
    if (parser.hasNext()) {
      throw malformed("more than one value", null);
    }
    return document;
  }

  private Object value(Event event, int room) {
    if (room == 0) {
      throw malformed("more than " + NESTING + " levels of nesting", null);
    }
    return switch (event) {
      case START_OBJECT -> object(room - 1, room == NESTING ? MEMBERS : Integer.MAX_VALUE);
      case START_ARRAY -> array(room - 1);
      case VALUE_STRING -> parser.getString();
      case VALUE_NUMBER -> number(parser.getString());
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case KEY_NAME, END_OBJECT, END_ARRAY -> throw malformed("misplaced " + event, null);
    };
  }

  private Map<String, Object> object(int room, int most) {
    Map<String, Object> members = new LinkedHashMap<>();
    for (Event event = parser.next(); event != Event.END_OBJECT; event = parser.next()) {
      String name = parser.getString();
      if (members.containsKey(name)) {
        throw malformed("a name is given twice", null);
      }
      if (members.size() == most) {
        throw malformed("an object of more than " + most + " arguments", null);
      }
      members.put(name, value(parser.next(), room));
    }
    return members;
  }

  private List<Object> array(int room) {
    List<Object> items = new ArrayList<>();
    for (Event event = parser.next(); event != Event.END_ARRAY; event = parser.next()) {
      items.add(value(event, room));
    }
    return items;
  }

  private static Number number(String text) {
    if (text.length() > DIGITS) {
      throw malformed("a number of " + text.length() + " characters", null);
    }
    try {
      BigDecimal exact = new BigDecimal(text);
      // BigDecimal has no negative zero.
      return exact.signum() == 0 && text.startsWith("-") && exact.scale() > 0
          ? Double.valueOf(-0.0)
          : exact;
    } catch (NumberFormatException e) {
      throw malformed("a number with an exponent beyond reason", e);
    }
  }

  private static RefusedException malformed(String why, Throwable cause) {
    return new RefusedException(Problem.MALFORMED_JSON, "the body is " + why, cause);
  }
}
