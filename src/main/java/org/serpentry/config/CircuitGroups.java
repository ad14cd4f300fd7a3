// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Which functions share a circuit, as {@code circuit-groups} says it. Immutable.
 *
 * <p>Groups of a module are named after it, others as they are configured.
 */
public final class CircuitGroups {
  private static final String BY_MODULE = "module";
  private static final String NONE = "none";
  private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_.-]{0,63}");

  private final List<Group> named = new ArrayList<>();
  private final boolean byModule;

  private record Group(String name, Pattern pattern) {}

  /**
   * Reads the setting's value.
   *
   * @param entries a checked value of {@link ResilienceConfig#circuitGroups()}
   */
  public CircuitGroups(List<String> entries) {
    for (String entry : entries) {
      int equals = entry.indexOf('=');
      if (equals > 0) {
        String pattern = Pattern.quote(entry.substring(equals + 1)).replace("*", "\\E.*\\Q");
        named.add(new Group(entry.substring(0, equals), Pattern.compile(pattern)));
      }
    }
    this.byModule = entries.contains(BY_MODULE);
  }

  static boolean accepts(List<String> entries) {
    if (entries.isEmpty() || (entries.contains(NONE) && entries.size() > 1)) {
      return false;
    }
    for (String entry : entries) {
      int equals = entry.indexOf('=');
      boolean group =
          equals > 0
              && equals < entry.length() - 1
              && NAME.matcher(entry.substring(0, equals)).matches();
      if (!group && !entry.equals(BY_MODULE) && !entry.equals(NONE)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The group of a function.
   *
   * @param target {@code module:function}
   * @return its name, or null when it has none
   */
  public String of(String target) {
    for (Group group : named) {
      if (group.pattern().matcher(target).matches()) {
        return group.name();
      }
    }
    int colon = target.indexOf(':');
    return byModule && colon > 0 ? target.substring(0, colon) : null;
  }

  /**
   * Whether groups were named, rather than left to the default.
   *
   * @return whether there is a group of a pattern
   */
  public boolean anyNamed() {
    return !named.isEmpty();
  }
}
