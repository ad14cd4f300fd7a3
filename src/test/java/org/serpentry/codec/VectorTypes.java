// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The Java types and the refused values that the vectors name. */
final class VectorTypes {
  private static final Map<String, Class<?>> NAMES =
      Stream.of(
              boolean.class,
              char.class,
              int.class,
              long.class,
              double.class,
              byte[].class,
              double[].class,
              int[][].class,
              Object.class,
              String.class,
              Integer.class,
              Double.class,
              BigDecimal.class,
              BigInteger.class,
              Duration.class,
              Instant.class,
              LocalDate.class,
              LocalDateTime.class,
              LocalTime.class,
              OffsetDateTime.class,
              OffsetTime.class,
              ZonedDateTime.class,
              UUID.class,
              List.class,
              Map.class,
              Optional.class,
              Set.class,
              Colour.class,
              Review.class,
              Tree.class,
              Point.class)
          .collect(Collectors.toMap(Class::getSimpleName, Function.identity()));

  private VectorTypes() {}

  /** As in {@code python/tests/modules/values.py}. */
  public enum Colour {
    RED,
    GREEN
  }

  public record Review(
      String text, BigDecimal price, int stars, Colour colour, List<String> tags) {}

  public record Tree(String name, List<Tree> children) {}

  public record Point(double x, double y) {}

  /** Reads {@code Map<String,List<Integer>>}. */
  static Type parse(String text) {
    int open = text.indexOf('<');
    if (open < 0) {
      return Objects.requireNonNull(NAMES.get(text), text);
    }
    List<Type> arguments = new ArrayList<>();
    int depth = 0;
    int start = open + 1;
    for (int i = start; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '<' ? 1 : c == '>' ? -1 : 0;
      if (depth < 0 || (depth == 0 && c == ',')) {
        arguments.add(parse(text.substring(start, i)));
        start = i + 1;
      }
    }
    return new Generic(parse(text.substring(0, open)), arguments);
  }

  static Object refusedArgument(String name) {
    return switch (name) {
      case "Double.NaN" -> Map.of("value", Double.NaN);
      case "Float.POSITIVE_INFINITY" -> List.of(Float.POSITIVE_INFINITY);
      case "new Point(NaN, 0)" -> Map.of("point", new Point(Double.NaN, 0));
      case "double[] {NaN}" -> List.of(new double[] {Double.NaN});
      case "\\ud800" -> Map.of("text", "a\ud800b");
      case "new Tree(\\ud800)" -> List.of(new Tree("\udc00", List.of()));
      case "Map with a null key" -> Map.of("map", Collections.singletonMap(null, 1));
      case "circular list" -> circular();
      case "129 nested lists" -> nestedLists(129);
      case "129 nested records" -> nestedRecords();
      default -> throw new IllegalArgumentException(name);
    };
  }

  static List<Object> nestedLists(int levels) {
    List<Object> value = List.of();
    for (int i = 1; i < levels; i++) {
      value = List.of(value);
    }
    return value;
  }

  private static List<Object> circular() {
    List<Object> items = new ArrayList<>();
    Map<String, Object> map = new HashMap<>();
    map.put("again", items);
    items.add(map);
    return items;
  }

  private static Tree nestedRecords() {
    Tree tree = new Tree("leaf", List.of());
    for (int i = 0; i < 64; i++) {
      tree = new Tree("branch", List.of(tree));
    }
    return tree;
  }

  private record Generic(Type raw, List<Type> arguments) implements ParameterizedType {
    @Override
    public Type[] getActualTypeArguments() {
      return arguments.toArray(Type[]::new);
    }

    @Override
    public Type getRawType() {
      return raw;
    }

    @Override
    public Type getOwnerType() {
      return null;
    }

    @Override
    public String getTypeName() {
      return raw.getTypeName()
          + arguments.stream().map(Type::getTypeName).collect(Collectors.joining(",", "<", ">"));
    }
  }
}
