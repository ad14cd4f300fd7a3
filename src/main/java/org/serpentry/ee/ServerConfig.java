// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.serpentry.config.ApplicationConfig;
import org.serpentry.config.ConfigReader;

/** Reads the application's settings from MicroProfile Config. */
final class ServerConfig {

  /**
   * MicroProfile Fault Tolerance's own switch: false leaves nothing of it in force but fallback.
   */
  private static final String NON_FALLBACK = "MP_Fault_Tolerance_NonFallback_Enabled";

  private ServerConfig() {}

  /**
   * Reads and checks; for a thread that runs in the application.
   *
   * @throws org.serpentry.config.ConfigException naming all that is wrong
   */
  static ApplicationConfig read() {
    Config config = ConfigProvider.getConfig();
    return new ConfigReader(
            key -> config.getOptionalValue(key, String.class), config.getPropertyNames())
        .read();
  }

  /** Whether an administrator has turned MicroProfile Fault Tolerance off. */
  static boolean faultToleranceTurnedOff() {
    return ConfigProvider.getConfig()
        .getOptionalValue(NON_FALLBACK, String.class)
        .map(value -> value.strip().equalsIgnoreCase("false"))
        .orElse(false);
  }
}
