// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

/**
 * A bean of a part of a pool whose changes by operators belong into {@link
 * PoolSettingsMXBean#exportSettings} too. Any thread may call.
 */
public interface Exporting {

  /**
   * What to write into the configuration so that the changes survive the next start. Must not
   * block.
   *
   * @return lines of a properties file, without any secret; empty when nothing differs
   */
  String export();
}
