// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Every key there is, once. The reader accepts nothing else; the documentation and the annotated
 * file are generated from here.
 */
public final class KeyCatalogue {
  /** What every key begins with. */
  public static final String PREFIX = "serpentry.";

  /** What every key of a pool begins with; the pool's name and a dot follow. */
  public static final String POOL_PREFIX = PREFIX + "pool.";

  /** Begins a key, within those of a pool, that ends in the name of an environment variable. */
  public static final String ENVIRONMENT = "environment.";

  private KeyCatalogue() {}

  /** Settings {@code serpentry.<key>}, in the order of the documentation. */
  public static List<Setting<?>> applicationSettings() {
    return ApplicationSettings.all();
  }

  /** Settings {@code serpentry.pool.<name>.<key>}, in the order of the documentation. */
  public static List<Setting<?>> poolSettings() {
    List<Setting<?>> all = new ArrayList<>(PoolSettings.all());
    all.addAll(LifeSettings.all());
    all.addAll(ResilienceSettings.all());
    all.addAll(ServiceSettings.all());
    all.addAll(AttachmentSettings.all());
    all.addAll(StreamSettings.all());
    all.addAll(SessionSettings.all());
    all.addAll(ModelSettings.all());
    all.addAll(ProcessSettings.all());
    return List.copyOf(all);
  }

  /** All settings of a pool as text, without secrets. */
  static String describe(
      String pool,
      Map<Setting<?>, Object> values,
      int size,
      int maxSize,
      Collection<String> variables) {
    Map<String, String> texts = new TreeMap<>();
    poolSettings().forEach(each -> texts.put(each.key(), each.textIn(values)));
    texts.put(PoolSettings.SIZE.key(), Integer.toString(size));
    texts.put(PoolSettings.MAX_SIZE.key(), Integer.toString(maxSize));
    return "PoolConfig " + pool + " " + texts + " with " + new TreeSet<>(variables);
  }

  /** Prefix of the keys of one pool. */
  static String poolPrefix(String pool) {
    return POOL_PREFIX + pool + ".";
  }

  /** The name under which MicroProfile Config finds a key in the process environment. */
  static String environmentName(String key) {
    return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }
}
