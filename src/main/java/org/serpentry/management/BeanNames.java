// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

/**
 * The names of an application's beans. Consoles build their tree in the order of the keys.
 *
 * @param application the application's name
 * @param module the module's name inside an EAR, else empty
 */
record BeanNames(String application, String module) {

  private static final String DOMAIN = "serpentry";
  private static final String SPECIAL = ",=:\"*?\n\\";

  BeanNames {
    if (application.isBlank()) {
      throw new IllegalArgumentException(
          "The application has no name for its MBeans; set serpentry.application-name");
    }
  }

  /** The same application under another name. */
  BeanNames with(String suffix) {
    return new BeanNames(application + "@" + suffix, module);
  }

  ObjectName pool(String pool) {
    return name(poolText(pool));
  }

  ObjectName worker(String pool, int slot) {
    return name(poolText(pool) + ",worker=" + slot);
  }

  ObjectName component(String pool, String component) {
    return name(poolText(pool) + ",component=" + quoted(component));
  }

  /** Every bean of a pool, its own and those below it. */
  ObjectName everythingOf(String pool) {
    return name(poolText(pool) + ",*");
  }

  private String poolText(String pool) {
    String inner = module.isEmpty() ? "" : ",module=" + quoted(module);
    return DOMAIN + ":application=" + quoted(application) + inner + ",pool=" + quoted(pool);
  }

  /** Quoted only where it must be, since quotes are in the way of whoever types the name. */
  private static String quoted(String value) {
    return value.chars().anyMatch(c -> SPECIAL.indexOf(c) >= 0) ? ObjectName.quote(value) : value;
  }

  private static ObjectName name(String text) {
    try {
      return new ObjectName(text);
    } catch (MalformedObjectNameException e) {
      throw new IllegalArgumentException("No MBean can be called " + text, e);
    }
  }
}
