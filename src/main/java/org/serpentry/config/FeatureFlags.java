// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is switched on and off: all settings of the catalogue that are true or false, in one place.
 */
public final class FeatureFlags {

  private FeatureFlags() {}

  /**
   * The keys that are flags, with their meanings.
   *
   * @return pools' settings, in the order of the documentation
   */
  public static List<Setting<?>> all() {
    return KeyCatalogue.poolSettings().stream().filter(Setting::isFlag).toList();
  }

  /**
   * How a pool's flags stand.
   *
   * @param pool its settings
   * @return by key, without the prefix; not modifiable
   */
  public static Map<String, Boolean> of(PoolConfig pool) {
    Map<String, Boolean> flags = new LinkedHashMap<>();
    PoolConfigBuilder values = pool.toBuilder();
    all().forEach(flag -> flags.put(flag.key(), Boolean.valueOf(values.text(flag))));
    return Collections.unmodifiableMap(flags);
  }
}
