// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Collects settings in the order of their declaration, which is that of the documentation. */
final class SettingList {
  private final List<Setting<?>> declared = new ArrayList<>();
  private String section;

  SettingList(String section) {
    this.section = section;
  }

  /** The settings declared from here on belong to this section. */
  SettingList section(String title) {
    section = title;
    return this;
  }

  <T> Setting<T> declare(
      String key,
      ValueType<T> type,
      String defaultText,
      String bound,
      Predicate<T> check,
      String description) {
    Setting<T> setting = new Setting<>(section, key, type, defaultText, bound, check, description);
    declared.add(setting);
    return setting;
  }

  List<Setting<?>> all() {
    return List.copyOf(declared);
  }
}
