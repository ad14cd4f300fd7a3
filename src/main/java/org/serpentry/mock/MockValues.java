// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.serpentry.api.BindingException;
import org.serpentry.api.ErrorContext;
import org.serpentry.attachment.BinaryArguments;
import org.serpentry.attachment.BinaryReply;
import org.serpentry.attachment.BinaryResult;
import org.serpentry.attachment.BinaryValue;
import org.serpentry.pool.CallRequest;
import org.serpentry.spi.Codec;

/** Brings values through a codec, as if they had crossed to a worker and back. Immutable. */
final class MockValues {

  private final Codec codec;

  MockValues(Codec codec) {
    this.codec = codec;
  }

  /** A request's arguments by position and by name, as a worker would get them. */
  record Arguments(List<Object> positional, Map<String, Object> named) {}

  /**
   * What JSON leaves of a request's arguments.
   *
   * @throws BindingException when they cannot be written
   */
  Arguments arguments(CallRequest request, ErrorContext context) {
    BinaryArguments binary = BinaryArguments.of(request.positional(), request.named());
    List<Object> positional = binary == null ? request.positional() : binary.positional();
    Map<String, Object> named = binary == null ? request.named() : binary.named();
    try {
      List<Object> first = new ArrayList<>(plain(positional));
      Map<String, Object> second = new LinkedHashMap<>(plain(named));
      if (binary != null) { // Their places are null, as those of nulls are.
        for (int i = 0; i < first.size(); i++) {
          if (positional.get(i) == null) {
            first.set(i, crossed(request.positional().get(i)));
          }
        }
        second.replaceAll((name, v) -> v == null ? crossed(request.named().get(name)) : v);
      }
      return new Arguments(first, second);
    } catch (RuntimeException e) {
      throw new BindingException(
          context,
          BindingException.Direction.ARGUMENT,
          "the arguments of %s cannot be written as JSON: %s"
              .formatted(request.target(), e.getMessage()),
          e);
    }
  }

  private static Object crossed(Object given) {
    BinaryValue binary = BinaryValue.of(given);
    return binary == null ? given : binary.plain();
  }

  @SuppressWarnings("unchecked") // a list decodes as a list, a map as one with text keys
  private <T> T plain(T value) {
    byte[] utf8 = codec.encode(value);
    return (T) codec.<Object>decode(utf8, 0, utf8.length, Object.class);
  }

  /**
   * A scripted result as the type that the caller wants.
   *
   * @throws BindingException when it does not fit
   */
  Object result(Object value, Type type, String target, ErrorContext context) {
    if (type == Void.class) {
      return null;
    }
    boolean outside = BinaryResult.forms(type) != BinaryResult.NONE;
    return read(value, type, outside, target, context);
  }

  /**
   * A scripted item of a stream as the type that the caller wants.
   *
   * @throws BindingException when it does not fit
   */
  Object item(Object value, Type type, String target, ErrorContext context) {
    return read(value, type, false, target, context);
  }

  private Object read(
      Object value, Type type, boolean outside, String target, ErrorContext context) {
    BinaryValue binary = BinaryValue.of(value);
    try {
      if (binary != null && outside) {
        return binary.as(type);
      }
      byte[] utf8 = codec.encode(binary == null ? value : binary.json());
      return BinaryResult.isBinaryOnly(type)
          ? BinaryReply.fromJson(utf8)
          : codec.decode(utf8, 0, utf8.length, type);
    } catch (RuntimeException e) {
      throw new BindingException(
          context,
          BindingException.Direction.RESULT,
          "the result of %s does not fit %s: %s"
              .formatted(target, type.getTypeName(), e.getMessage()),
          e);
    }
  }
}
