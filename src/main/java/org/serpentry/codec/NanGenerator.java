// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import jakarta.json.stream.JsonGenerator;
import jakarta.json.stream.JsonGeneratorFactory;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Makes generators that write NaN and the infinities as texts. A proxy, since only pools with
 * {@code nan=allow} have one and a generator has forty methods of which two matter.
 */
final class NanGenerator implements InvocationHandler {
  private final Object server;

  private NanGenerator(Object server) {
    this.server = server;
  }

  static JsonGenerator over(JsonGenerator generator) {
    return proxy(JsonGenerator.class, generator);
  }

  static JsonGeneratorFactory over(JsonGeneratorFactory factory) {
    return proxy(JsonGeneratorFactory.class, factory);
  }

  private static <T> T proxy(Class<T> kind, T server) {
    return kind.cast(
        Proxy.newProxyInstance(
            NanGenerator.class.getClassLoader(), new Class<?>[] {kind}, new NanGenerator(server)));
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    Object result;
    try {
      if (server instanceof JsonGenerator generator && isNotFinite(arguments)) {
        String text = String.valueOf(arguments[arguments.length - 1]);
        result =
            arguments.length == 1
                ? generator.write(text)
                : generator.write((String) arguments[0], text);
      } else {
        result = method.invoke(server, arguments);
      }
    } catch (InvocationTargetException thrown) {
      throw thrown.getCause();
    }
    if (result == server) {
      return proxy;
    }
    return result instanceof JsonGenerator made ? over(made) : result;
  }

  private static boolean isNotFinite(Object[] arguments) {
    return arguments != null
        && arguments[arguments.length - 1] instanceof Double number
        && !Double.isFinite(number);
  }
}
