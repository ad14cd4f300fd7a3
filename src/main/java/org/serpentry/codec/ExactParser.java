// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import jakarta.json.stream.JsonLocation;
import jakarta.json.stream.JsonParser;
import java.math.BigDecimal;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A parser whose {@link #getInt} and {@link #getLong} throw where JSON-P's cut silently: those make
 * -1294967296 of 3000000000, 0 of 2^70, and 1 of 1.5.
 */
final class ExactParser implements JsonParser {
  private static final int SURELY_LONG = 18;
  private static final int SHOWN = 40;

  private final JsonParser server;

  ExactParser(JsonParser server) {
    this.server = server;
  }

  @Override
  public int getInt() {
    long value = getLong();
    if (value != (int) value) {
      throw new ArithmeticException("the number " + value + " is out of int's range");
    }
    return (int) value;
  }

  @Override
  public long getLong() {
    String text = server.getString();
    if (text.length() <= SURELY_LONG && server.isIntegralNumber()) {
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException exponent) {
        // 1e3 may count as integral: the exact way below reads it
      }
    }
    try {
      return new BigDecimal(text).longValueExact();
    } catch (ArithmeticException lossy) {
      String shown = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
      ArithmeticException refused =
          new ArithmeticException("the number " + shown + " is no integer or out of long's range");
      refused.initCause(lossy);
      throw refused;
    }
  }

  @Override
  public boolean hasNext() {
    return server.hasNext();
  }

  @Override
  public Event next() {
    return server.next();
  }

  @Override
  public String getString() {
    return server.getString();
  }

  @Override
  public boolean isIntegralNumber() {
    return server.isIntegralNumber();
  }

  @Override
  public BigDecimal getBigDecimal() {
    return server.getBigDecimal();
  }

  @Override
  public JsonLocation getLocation() {
    return server.getLocation();
  }

  @Override
  public JsonObject getObject() {
    return server.getObject();
  }

  @Override
  public JsonValue getValue() {
    return server.getValue();
  }

  @Override
  public JsonArray getArray() {
    return server.getArray();
  }

  @Override
  public Stream<JsonValue> getArrayStream() {
    return server.getArrayStream();
  }

  @Override
  public Stream<Map.Entry<String, JsonValue>> getObjectStream() {
    return server.getObjectStream();
  }

  @Override
  public Stream<JsonValue> getValueStream() {
    return server.getValueStream();
  }

  @Override
  public void skipArray() {
    server.skipArray();
  }

  @Override
  public void skipObject() {
    server.skipObject();
  }

  @Override
  public void close() {
    server.close();
  }
}
