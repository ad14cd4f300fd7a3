// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonBuilderFactory;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonReader;
import jakarta.json.JsonReaderFactory;
import jakarta.json.JsonWriter;
import jakarta.json.JsonWriterFactory;
import jakarta.json.spi.JsonProvider;
import jakarta.json.stream.JsonGenerator;
import jakarta.json.stream.JsonGeneratorFactory;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParserFactory;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.Writer;
import java.util.Map;

/**
 * The server's JSON-P, except that its parsers refuse to cut integers ({@link ExactParser}) and,
 * with {@code nan=allow}, its generators write NaN and the infinities as texts ({@link
 * NanGenerator}). JSON-B takes it through {@code JsonbBuilder.withProvider}: deserializers
 * registered in its config would reach only the boxed types, not an {@code int} in a record.
 */
final class ExactProvider extends JsonProvider {
  private final JsonProvider server;
  private final boolean allowNan;

  ExactProvider(JsonProvider server, boolean allowNan) {
    this.server = server;
    this.allowNan = allowNan;
  }

  private JsonGenerator generator(JsonGenerator generator) {
    return allowNan ? NanGenerator.over(generator) : generator;
  }

  @Override
  public JsonParser createParser(Reader reader) {
    return new ExactParser(server.createParser(reader));
  }

  @Override
  public JsonParser createParser(InputStream in) {
    return new ExactParser(server.createParser(in));
  }

  @Override
  public JsonParserFactory createParserFactory(Map<String, ?> config) {
    return new ExactParserFactory(server.createParserFactory(config));
  }

  @Override
  public JsonGenerator createGenerator(Writer writer) {
    return generator(server.createGenerator(writer));
  }

  @Override
  public JsonGenerator createGenerator(OutputStream out) {
    return generator(server.createGenerator(out));
  }

  @Override
  public JsonGeneratorFactory createGeneratorFactory(Map<String, ?> config) {
    JsonGeneratorFactory factory = server.createGeneratorFactory(config);
    return allowNan ? NanGenerator.over(factory) : factory;
  }

  @Override
  public JsonReader createReader(Reader reader) {
    return server.createReader(reader);
  }

  @Override
  public JsonReader createReader(InputStream in) {
    return server.createReader(in);
  }

  @Override
  public JsonWriter createWriter(Writer writer) {
    return server.createWriter(writer);
  }

  @Override
  public JsonWriter createWriter(OutputStream out) {
    return server.createWriter(out);
  }

  @Override
  public JsonWriterFactory createWriterFactory(Map<String, ?> config) {
    return server.createWriterFactory(config);
  }

  @Override
  public JsonReaderFactory createReaderFactory(Map<String, ?> config) {
    return server.createReaderFactory(config);
  }

  @Override
  public JsonObjectBuilder createObjectBuilder() {
    return server.createObjectBuilder();
  }

  @Override
  public JsonArrayBuilder createArrayBuilder() {
    return server.createArrayBuilder();
  }

  @Override
  public JsonBuilderFactory createBuilderFactory(Map<String, ?> config) {
    return server.createBuilderFactory(config);
  }
}
