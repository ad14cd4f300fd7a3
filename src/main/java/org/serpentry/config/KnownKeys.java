// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Tells known keys from unknown ones, for the pools that are declared.
 *
 * <p>A server's property names mix keys with the names of environment variables, in which dots and
 * dashes are underscores. Some servers also list a guess at the key behind each variable ({@code
 * serpentry.pool.default.max.size} for {@code SERPENTRY_POOL_DEFAULT_MAX_SIZE}); such a guess is
 * judged by its variable.
 */
final class KnownKeys {
  // Kubernetes makes these for every service called "serpentry…"; they are no settings.
  private static final Pattern SERVICE_LINK =
      Pattern.compile(".*_(SERVICE_(HOST|PORT(_\\w+)?)|PORT(_\\d+_(TCP|UDP|SCTP)(_\\w+)?)?)");
  private static final String VARIABLE_PREFIX = "SERPENTRY_";

  private final List<String> pools;
  private final Set<String> names;
  private final TreeSet<String> keys = new TreeSet<>();
  private final Map<String, String> keyByVariable = new HashMap<>();

  KnownKeys(List<String> pools, Set<String> names) {
    this.pools = pools;
    this.names = names;
    KeyCatalogue.applicationSettings().forEach(s -> add(KeyCatalogue.PREFIX + s.key()));
    for (String pool : pools) {
      String prefix = KeyCatalogue.poolPrefix(pool);
      KeyCatalogue.poolSettings().forEach(setting -> add(prefix + setting.key()));
    }
  }

  /** The problem with a property name, or empty when it is none of ours or a known key. */
  Optional<String> problem(String name) {
    if (name.startsWith(KeyCatalogue.PREFIX)) {
      return known(name) || guessed(name) ? Optional.empty() : Optional.of(unknown(name));
    }
    String variable = name.toUpperCase(Locale.ROOT);
    if (!variable.startsWith(VARIABLE_PREFIX)
        || keyByVariable.containsKey(variable)
        || SERVICE_LINK.matcher(variable).matches()
        || pools.stream().anyMatch(pool -> variable.startsWith(environmentPrefix(pool)))) {
      return Optional.empty();
    }
    return Optional.of(
        "environment variable "
            + name
            + " stands for no key; the nearest is "
            + NearestName.of(variable, keyByVariable.keySet()).orElseThrow());
  }

  /**
   * What a pool's {@code environment.<NAME>} keys set: the property to look up, by NAME. A process
   * variable cannot show where NAME has capitals, so there it is all capitals.
   */
  Map<String, String> environmentOf(String pool) {
    Map<String, String> properties = new TreeMap<>();
    String prefix = KeyCatalogue.poolPrefix(pool) + KeyCatalogue.ENVIRONMENT;
    for (String name : names) {
      if (name.startsWith(prefix) && !guessed(name)) {
        properties.put(name.substring(prefix.length()), name);
      }
    }
    for (String name : names) {
      if (name.startsWith(environmentPrefix(pool)) && !keyByVariable.containsKey(name)) {
        properties.put(name.substring(environmentPrefix(pool).length()), name);
      }
    }
    return properties;
  }

  private void add(String key) {
    keys.add(key);
    keyByVariable.put(KeyCatalogue.environmentName(key), key);
  }

  private boolean known(String name) {
    return keys.contains(name)
        || pools.stream()
            .anyMatch(
                pool -> name.startsWith(KeyCatalogue.poolPrefix(pool) + KeyCatalogue.ENVIRONMENT));
  }

  private boolean guessed(String name) {
    return !keys.contains(name) && names.contains(KeyCatalogue.environmentName(name));
  }

  private String unknown(String name) {
    if (name.startsWith(KeyCatalogue.POOL_PREFIX)) {
      String rest = name.substring(KeyCatalogue.POOL_PREFIX.length());
      int dot = rest.indexOf('.');
      String pool = dot < 0 ? rest : rest.substring(0, dot);
      if (!pools.contains(pool)) {
        return name
            + " belongs to no pool; the nearest of those in serpentry.pools is "
            + NearestName.of(pool, pools).orElse("(none)");
      }
    }
    return name + " is not a key; the nearest is " + NearestName.of(name, keys).orElseThrow();
  }

  private static String environmentPrefix(String pool) {
    return KeyCatalogue.environmentName(KeyCatalogue.poolPrefix(pool) + KeyCatalogue.ENVIRONMENT);
  }
}
