// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Objects;

/**
 * A result type that keeps its type arguments, made as an anonymous subclass: {@code new
 * PythonType<List<Sentiment>>() {}}. Immutable and safe to share between threads.
 *
 * @param <T> the type that a call returns
 */
public abstract class PythonType<T> {

  private final Type type;

  /** Captures the type argument of the subclass that is being instantiated. */
  protected PythonType() {
    if (!(getClass().getGenericSuperclass() instanceof ParameterizedType captured)
        || captured.getRawType() != PythonType.class) {
      throw new IllegalArgumentException(
          "PythonType needs its type argument: write new PythonType<List<Answer>>() {}");
    }
    this.type = captured.getActualTypeArguments()[0];
  }

  /**
   * The captured type.
   *
   * @return a class or a parameterized type; never null
   */
  public final Type type() {
    return type;
  }

  @Override
  public final boolean equals(Object other) {
    return other instanceof PythonType<?> that && type.equals(that.type);
  }

  @Override
  public final int hashCode() {
    return Objects.hashCode(type);
  }

  @Override
  public final String toString() {
    return "PythonType<" + type.getTypeName() + ">";
  }
}
