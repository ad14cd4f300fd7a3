// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.util.regex.Pattern;

/**
 * What the server calls the application.
 *
 * @param application the application's name without its version: else every release would have
 *     other MBeans
 * @param module the module's name, with its version
 * @param moduleInEar the same inside an EAR, else empty
 */
record ApplicationId(String application, String module, String moduleInEar) {

  // shop-1.4.2, shop-1.4-SNAPSHOT, shop##7 (WildFly) and shop:2 (Payara); not area-51.
  private static final Pattern VERSION =
      Pattern.compile("(-v?\\d+(\\.\\d+)+([.-][A-Za-z0-9]+)*|(##|:).*)$");

  /**
   * Puts it together.
   *
   * @param application of the JNDI entry {@code java:app/AppName}
   * @param module of the JNDI entry {@code java:module/ModuleName}
   */
  static ApplicationId of(String application, String module) {
    return new ApplicationId(
        unversioned(application), module, application.equals(module) ? "" : unversioned(module));
  }

  private static String unversioned(String name) {
    String bare = VERSION.matcher(name).replaceFirst("");
    return bare.isEmpty() ? name : bare;
  }
}
