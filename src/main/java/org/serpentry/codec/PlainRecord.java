// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import java.io.Serializable;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How a record looks that JSON-B writes and reads by its rules of default alone: no annotation
 * anywhere, no further properties, and members of a few kinds only. For such a one, the order and
 * the names of its members are known, and {@link PlainWriter} and {@link PlainReader} need no
 * JSON-B. Immutable but for the members' own shapes, which are filled in once.
 */
final class PlainRecord implements Shape {

  private static final int MOST = 64;
  private static final Set<Class<?>> HARMLESS =
      Set.of(Serializable.class, Comparable.class, Cloneable.class);

  /**
   * One component.
   *
   * @param name its name
   * @param accessor from Object to Object
   * @param opening what stands before its value where it is not the first: {@code ,"name":}
   * @param key what stands before its value: {@code "name":} in UTF-8
   * @param shape its value's
   * @param index its place in the constructor
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Member(
      String name, MethodHandle accessor, String opening, byte[] key, Shape shape, int index) {}

  private final MethodHandle constructor;
  private Member[] declared;
  private Member[] sorted;

  private PlainRecord(MethodHandle constructor) {
    this.constructor = constructor;
  }

  /** In the order of the constructor. */
  Member[] declared() {
    return declared;
  }

  /** In the order of their names, which is JSON-B's. */
  Member[] sorted() {
    return sorted;
  }

  /** Whether none of its members has parts. */
  boolean flat() {
    return Arrays.stream(declared).allMatch(member -> member.shape() instanceof Shape.Scalar);
  }

  /** Throws whatever the record's constructor throws. */
  Object create(Object[] values) throws Throwable {
    return constructor.invokeExact(values);
  }

  /**
   * Works out a record's shape.
   *
   * @param type a record class
   * @param shapes the shapes of the members' types; gets this one before theirs are asked for
   * @return its shape, or null when only JSON-B knows what to do with it
   */
  static PlainRecord of(Class<?> type, Shapes shapes, Map<Type, Shape> pending) {
    RecordComponent[] components = type.getRecordComponents();
    if (components.length == 0 || components.length > MOST || !isPlain(type, components)) {
      return null;
    }
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<?> canonical = type.getDeclaredConstructor(types);
      canonical.setAccessible(true);
      MethodHandle constructor =
          MethodHandles.lookup()
              .unreflectConstructor(canonical)
              .asSpreader(Object[].class, types.length)
              .asType(MethodType.methodType(Object.class, Object[].class));
      PlainRecord plain = new PlainRecord(constructor);
      pending.put(type, plain); // a record may hold others of its own type
      Member[] members = new Member[components.length];
      for (int i = 0; i < members.length; i++) {
        Shape shape = shapes.find(components[i].getGenericType(), pending);
        if (shape == null) {
          return null;
        }
        members[i] = member(components[i], shape, i);
      }
      plain.declared = members;
      plain.sorted = members.clone();
      Arrays.sort(
          plain.sorted,
          Comparator.comparing((Member member) -> components[member.index].getName()));
      return plain;
    } catch (ReflectiveOperationException | InaccessibleObjectException e) {
      return null; // JSON-B may have other means, or says why it has none
    }
  }

  private static Member member(RecordComponent component, Shape shape, int index)
      throws IllegalAccessException {
    Method accessor = component.getAccessor();
    accessor.setAccessible(true);
    StringBuilder key = new StringBuilder();
    ValueWriter.quote(key, component.getName());
    key.append(':');
    return new Member(
        component.getName(),
        MethodHandles.lookup()
            .unreflect(accessor)
            .asType(MethodType.methodType(Object.class, Object.class)),
        "," + key,
        key.toString().getBytes(StandardCharsets.UTF_8),
        shape,
        index);
  }

  private static boolean isPlain(Class<?> type, RecordComponent[] components) {
    if (!HARMLESS.containsAll(Arrays.asList(type.getInterfaces()))
        || type.getDeclaredConstructors().length != 1) {
      return false;
    }
    boolean annotated =
        Stream.of(
                Stream.of(type),
                Stream.of(components),
                Stream.of(type.getDeclaredFields()),
                Stream.of(type.getDeclaredMethods()),
                Stream.of(type.getDeclaredConstructors()),
                Arrays.stream(type.getDeclaredConstructors())
                    .flatMap(constructor -> Stream.of(constructor.getParameters())),
                Stream.ofNullable(type.getPackage()))
            .flatMap(part -> part)
            .anyMatch(part -> ((AnnotatedElement) part).getAnnotations().length > 0);
    return !annotated && Stream.of(type.getDeclaredMethods()).noneMatch(PlainRecord::isProperty);
  }

  /** JSON-B takes such methods for further members. */
  private static boolean isProperty(Method method) {
    String name = method.getName();
    return !Modifier.isStatic(method.getModifiers())
        && (name.startsWith("get") || name.startsWith("is") || name.startsWith("set"));
  }
}
