// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Loads every class of this library when the pools start. Payara ends an application's class loader
 * before it destroys its beans: a class that is needed for the first time while a pool is being
 * closed would not be found then, and its processes would stay.
 */
final class OwnClasses {

  /** Written by the build: one class name a line. */
  private static final String INDEX = "META-INF/serpentry/classes.index";

  /**
   * One of them in a message that names a class: Fault Tolerance, Health and Micrometer need not be
   * there.
   */
  private static final List<String> OPTIONAL =
      List.of("org/eclipse/microprofile/", "io/micrometer/", "io/prometheus/");

  private static final Logger LOG = System.getLogger(OwnClasses.class.getName());

  private OwnClasses() {}

  /**
   * Loads them, without initializing any. Those that build on a part of MicroProfile which this
   * server lacks, or on Micrometer where the application has none, are left out: the container
   * cannot have made a bean of them either.
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
          load(name.trim(), application);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("A class of this library is missing: " + e.getMessage(), e);
    }
  }

  private static void load(String name, ClassLoader application) throws ClassNotFoundException {
    try {
      Class.forName(name, false, application);
    } catch (NoClassDefFoundError e) {
      if (e.getMessage() == null || OPTIONAL.stream().noneMatch(e.getMessage()::contains)) {
        throw e;
      }
      LOG.log(Level.DEBUG, "This server cannot load {0}: {1}", name, e.getMessage());
    }
  }
}
