// SPDX-License-Identifier: Apache-2.0
package org.serpentry.spi;

import java.lang.reflect.Type;

/**
 * Turns arguments into JSON and results back into Java. The rules are the value table in {@code
 * protocol/values.md}.
 *
 * <p>Implementations are thread-safe: a pool has one codec for all its callers.
 */
public interface Codec extends AutoCloseable {

  /**
   * The JSON of a value, as UTF-8.
   *
   * @param value the arguments: a {@code Map} by name, a {@code List} by position, or for a call
   *     with both a list of the two; anything that JSON-B can write is welcome inside
   * @return the JSON; the caller owns the array
   * @throws CodecException when a part of the value cannot be written, naming it
   */
  byte[] encode(Object value);

  /**
   * Reads a JSON text.
   *
   * @param utf8 holds the text
   * @param offset where it begins
   * @param length of the text in bytes
   * @param type wanted; {@code Object.class} gives {@code Map}, {@code List}, {@code String},
   *     {@code BigDecimal}, {@code Boolean} or null; {@code void.class} and {@code Void.class} give
   *     null whatever the text
   * @param <T> the wanted type; the caller vouches that {@code type} describes it
   * @return the value, null for JSON's null
   * @throws CodecException when the text does not fit the type, naming type and text
   */
  @SuppressWarnings("TypeParameterUnusedInFormals")
  <T> T decode(byte[] utf8, int offset, int length, Type type);

  /** Lets go of what the codec has cached about the application's classes. */
  @Override
  default void close() {
    // most codecs hold nothing
  }
}
