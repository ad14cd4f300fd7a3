// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParserFactory;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.Charset;
import java.util.Map;

/** Makes {@link ExactParser}s. */
final class ExactParserFactory implements JsonParserFactory {
  private final JsonParserFactory server;

  ExactParserFactory(JsonParserFactory server) {
    this.server = server;
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
  public JsonParser createParser(InputStream in, Charset charset) {
    return new ExactParser(server.createParser(in, charset));
  }

  @Override
  public JsonParser createParser(JsonObject object) {
    return new ExactParser(server.createParser(object));
  }

  @Override
  public JsonParser createParser(JsonArray array) {
    return new ExactParser(server.createParser(array));
  }

  @Override
  public Map<String, ?> getConfigInUse() {
    return server.getConfigInUse();
  }
}
