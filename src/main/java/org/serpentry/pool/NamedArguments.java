// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;

/**
 * The arguments by name, in the order in which they were given: a map that is copied whenever one
 * is added, hence as small as can be. Immutable but for the values themselves.
 */
final class NamedArguments extends AbstractMap<String, Object> {

  /** None. */
  static final NamedArguments NONE = new NamedArguments(new Argument[0]);

  /** One of them; a class of its own, so that reading it is no call of an interface. */
  private static final class Argument extends SimpleImmutableEntry<String, Object> {
    private static final long serialVersionUID = 1;

    Argument(String name, Object value) {
      super(name, value);
    }
  }

  private final Argument[] arguments;

  private NamedArguments(Argument[] arguments) {
    this.arguments = arguments;
  }

  /** These and one more, whose name must be new. */
  NamedArguments with(String name, Object value) {
    Argument[] more = Arrays.copyOf(arguments, arguments.length + 1);
    more[arguments.length] = new Argument(name, value);
    return new NamedArguments(more);
  }

  @Override
  public boolean containsKey(Object name) {
    for (Argument argument : arguments) {
      if (Objects.equals(argument.getKey(), name)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public int size() {
    return arguments.length;
  }

  @Override
  public boolean isEmpty() {
    return arguments.length == 0;
  }

  @Override
  public Set<Map.Entry<String, Object>> entrySet() {
    return new Entries(arguments);
  }

  private static final class Entries extends AbstractSet<Map.Entry<String, Object>> {
    private final Argument[] arguments;

    Entries(Argument[] arguments) {
      this.arguments = arguments;
    }

    @Override
    public int size() {
      return arguments.length;
    }

    @Override
    public Iterator<Map.Entry<String, Object>> iterator() {
      return new Iterator<>() {
        private int next;

        @Override
        public boolean hasNext() {
          return next < arguments.length;
        }

        @Override
        public Map.Entry<String, Object> next() {
          if (!hasNext()) {
            throw new NoSuchElementException();
          }
          return arguments[next++];
        }
      };
    }
  }
}
