// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The shapes of the types that a codec has met, kept as long as it. Thread-safe. */
final class Shapes {

  private static final Map<Type, Shape> SCALARS =
      Map.of(
          String.class, Shape.Scalar.TEXT,
          int.class, Shape.Scalar.INT,
          Integer.class, Shape.Scalar.BOXED_INT,
          long.class, Shape.Scalar.LONG,
          Long.class, Shape.Scalar.BOXED_LONG,
          double.class, Shape.Scalar.DOUBLE,
          Double.class, Shape.Scalar.BOXED_DOUBLE,
          boolean.class, Shape.Scalar.BOOLEAN,
          Boolean.class, Shape.Scalar.BOXED_BOOLEAN);

  private final Map<Type, Optional<Shape>> known = new ConcurrentHashMap<>();

  /** The shape of a type, or null when it is JSON-B's business. */
  Shape of(Type type) {
    Optional<Shape> shape = known.get(type);
    if (shape == null) {
      shape = Optional.ofNullable(find(type, new HashMap<>()));
      known.put(type, shape);
    }
    return shape.orElse(null);
  }

  /** The same, with those types at hand whose shapes are being worked out. */
  Shape find(Type type, Map<Type, Shape> pending) {
    Shape shape = SCALARS.get(type);
    if (shape == null) {
      shape = pending.get(type);
    }
    if (shape != null) {
      return shape;
    }
    if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
      Shape item = find(generic.getActualTypeArguments()[0], pending);
      return item == null ? null : new Shape.Items(item);
    }
    return type instanceof Class<?> kind && kind.isRecord()
        ? PlainRecord.of(kind, this, pending)
        : null;
  }
}
