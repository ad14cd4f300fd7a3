// SPDX-License-Identifier: Apache-2.0
package org.serpentry.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * A Java agent in the server's JVM: stops the server in its orderly way when its standard input
 * ends, which it does when the JVM that started it is gone, even by {@code kill -9}.
 */
public final class StopWithParent {
  private static final String CLASS_FILE =
      StopWithParent.class.getName().replace('.', '/') + ".class";

  private StopWithParent() {}

  /**
   * Called by the JVM before the server's main method.
   *
   * @param ignored the agent's options
   */
  public static void premain(String ignored) {
    Thread watch = new Thread(StopWithParent::stopAtEnd, "serpentry-run-parent");
    watch.setDaemon(true);
    watch.start();
  }

  private static void stopAtEnd() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      System.err.println("The standard input cannot be read, so the server stops: " + e);
    }
    System.exit(0);
  }

  /** Writes the agent's jar, which holds this class alone. */
  static Path writeJar(Path directory) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest
        .getMainAttributes()
        .put(new Attributes.Name("Premain-Class"), StopWithParent.class.getName());
    Path file = directory.resolve("stop-with-parent.jar");
    try (InputStream code = StopWithParent.class.getClassLoader().getResourceAsStream(CLASS_FILE);
        JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file), manifest)) {
      jar.putNextEntry(new JarEntry(CLASS_FILE));
      code.transferTo(jar);
      jar.closeEntry();
    }
    return file;
  }
}
