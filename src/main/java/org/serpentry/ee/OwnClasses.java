// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Loads every class of this library when the pools start. Payara ends an application's class loader
 * before it destroys its beans: a class that is needed for the first time while a pool is being
 * closed would not be found then, and its processes would stay.
 */
final class OwnClasses {

  /** Written by the build: one class name a line. */
  private static final String INDEX = "META-INF/serpentry/classes.index";

  private OwnClasses() {}

  /**
   * Loads them, without initializing any.
   *
   * @param application the application's class loader
   * @throws IllegalStateException when the library's own index or a class of it is missing
   */
  static void load(ClassLoader application) {
    try (InputStream index = application.getResourceAsStream(INDEX)) {
      if (index == null) {
        throw new IllegalStateException(
            INDEX + " is missing from the application: it was not built as the POM says");
      }
      BufferedReader names =
          new BufferedReader(new InputStreamReader(index, StandardCharsets.UTF_8));
      for (String name = names.readLine(); name != null; name = names.readLine()) {
        if (!name.isBlank()) {
          Class.forName(name.trim(), false, application);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("A class of this library is missing: " + e.getMessage(), e);
    }
  }
}
