// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The settings that can be changed while a pool runs. */
final class LiveSettings {

  private static final List<Setting<?>> ALL =
      List.of(
          PoolSettings.SIZE,
          PoolSettings.MAX_SIZE,
          PoolSettings.QUEUE_CAPACITY,
          PoolSettings.CHECKOUT_TIMEOUT,
          PoolSettings.OPERATION_TIMEOUT,
          PoolSettings.START_TIMEOUT,
          PoolSettings.SHUTDOWN_TIMEOUT,
          PoolSettings.IDLE_TIMEOUT,
          PoolSettings.HEALTH_CHECK_INTERVAL,
          LifeSettings.HEALTH_CHECK_TIMEOUT,
          LifeSettings.HEALTH_CHECK_FAILURES,
          LifeSettings.MAX_REQUESTS,
          LifeSettings.MAX_AGE,
          LifeSettings.MAX_RSS,
          LifeSettings.RECYCLE_JITTER,
          LifeSettings.CALLS_PER_WORKER,
          LifeSettings.MEMORY_CHECK_INTERVAL,
          LifeSettings.SLOW_CALL_THRESHOLD,
          LifeSettings.SLOW_CALL_THRESHOLDS,
          LifeSettings.SLOW_CALL_VALUES,
          LifeSettings.LOG_LEVEL,
          ProcessSettings.OUTPUT_RATE,
          ProcessSettings.INTERPRETER,
          AttachmentSettings.SHARED_MEMORY_DIRECTORY,
          SessionSettings.SESSION_TIMEOUT,
          ProcessSettings.CANCEL_GRACE,
          ProcessSettings.DUMP_GRACE,
          ProcessSettings.TERM_GRACE);

  private static final Map<String, Setting<?>> BY_KEY = new LinkedHashMap<>();

  static {
    ALL.forEach(setting -> BY_KEY.put(setting.key(), setting));
  }

  private LiveSettings() {}

  /** In the order of the documentation. */
  static List<Setting<?>> all() {
    return ALL;
  }

  /** The setting of a key; refuses one that cannot be changed. */
  static Setting<?> of(String key) {
    Setting<?> setting = BY_KEY.get(key);
    if (setting == null) {
      boolean known = KeyCatalogue.poolSettings().stream().anyMatch(s -> s.key().equals(key));
      throw new ConfigException(
          List.of(
              known
                  ? key + " cannot be changed while the pool runs; what can: " + BY_KEY.keySet()
                  : "there is no setting %s; the nearest that can be changed is %s"
                      .formatted(key, NearestName.of(key, BY_KEY.keySet()).orElseThrow())));
    }
    return setting;
  }
}
