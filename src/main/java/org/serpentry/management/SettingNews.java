// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.Map;
import java.util.function.Supplier;
import org.serpentry.config.LiveConfig;

/** Tells of changed settings with what they were and who changed them. Any thread may call. */
final class SettingNews {

  private final LiveConfig settings;
  private final Announcer announcer;

  SettingNews(LiveConfig settings, Announcer announcer) {
    this.settings = settings;
    this.announcer = announcer;
  }

  /**
   * Changes a setting, and tells of it when that has been accepted.
   *
   * @param key its key, without the pool's prefix
   * @param who does it
   * @param change does it
   * @return what the change returned
   */
  <T> T change(String key, String who, Supplier<T> change) {
    String before = settings.text(key);
    T result = change.get();
    String after = settings.text(key);
    announcer.tellOfPool(
        Announcer.POOL_SETTING,
        "%s was changed from %s to %s by %s".formatted(key, before, after, who),
        Map.of("key", key, "from", before, "to", after, "by", who));
    return result;
  }
}
