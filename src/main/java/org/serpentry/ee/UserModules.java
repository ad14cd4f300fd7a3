// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.serpentry.environment.ModuleSource;
import org.serpentry.environment.ModuleSource.Opener;

/**
 * Finds the application's own Python modules: {@code WEB-INF/python/} of the WAR, and {@code
 * META-INF/python/} of every jar on its class path. A module of the WAR hides one of a jar.
 *
 * <p>The pools start before there is a {@code ServletContext}, so the WAR is found by the place of
 * Serpentry's own files in it, and its directories are read in whatever form the server keeps them:
 * as files, in a jar, or in WildFly's virtual file system.
 */
final class UserModules {

  private static final String OWN = "META-INF/serpentry/python.index";
  private static final String IN_JAR = "META-INF/python";
  private static final String WEB_INF = "/WEB-INF/";
  private static final String IN_WAR = WEB_INF + "python/";

  private final Map<String, Opener> modules = new TreeMap<>();

  private UserModules() {}

  /**
   * Finds them.
   *
   * @param application the application's class loader
   * @return the modules; empty when there are none
   * @throws IOException when one is there and cannot be read
   */
  static ModuleSource find(ClassLoader application) throws IOException {
    UserModules found = new UserModules();
    Set<URI> jars = new LinkedHashSet<>();
    for (String name : new String[] {IN_JAR, IN_JAR + "/"}) {
      for (URL address : Collections.list(application.getResources(name))) {
        String text = address.toString();
        jars.add(URI.create(text.endsWith("/") ? text : text + "/"));
      }
    }
    for (URI jar : jars) {
      found.add(jar);
    }
    for (URL own : Collections.list(application.getResources(OWN))) {
      String text = own.toString();
      int war = text.lastIndexOf(WEB_INF);
      if (war >= 0) {
        String root = text.substring(0, war);
        found.add(URI.create((root.startsWith("jar:") ? root.substring(4) : root) + IN_WAR));
      }
    }
    return ModuleSource.of(found.modules);
  }

  private void add(URI directory) throws IOException {
    switch (directory.getScheme()) {
      case "file" -> addFiles(Path.of(directory));
      case "jar" -> addJar(directory.toURL());
      default -> addEntries(directory.toURL());
    }
  }

  private void addFiles(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .filter(Files::isRegularFile)
          .forEach(
              file ->
                  put(
                      directory.relativize(file).toString().replace('\\', '/'),
                      () -> Files.newInputStream(file)));
    }
  }

  private void addJar(URL directory) throws IOException {
    JarURLConnection connection = (JarURLConnection) directory.openConnection();
    connection.setUseCaches(false);
    String prefix = connection.getEntryName();
    try (JarFile jar = connection.getJarFile()) {
      for (ZipEntry entry : Collections.list(jar.entries())) {
        if (!entry.isDirectory() && entry.getName().startsWith(prefix)) {
          try (InputStream content = jar.getInputStream(entry)) {
            put(entry.getName().substring(prefix.length()), content.readAllBytes());
          }
        }
      }
    }
  }

  /** WildFly's {@code vfs:} serves a directory as a stream of the entries below it. */
  private void addEntries(URL directory) throws IOException {
    URLConnection connection = directory.openConnection();
    connection.setUseCaches(false);
    if (connection.getLastModified() == 0) {
      return; // there is no such directory
    }
    try (InputStream content = connection.getInputStream()) {
      if (!(content instanceof ZipInputStream entries)) {
        throw new IOException("this server does not list the directory " + directory);
      }
      for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        if (!entry.isDirectory()) {
          put(entry.getName(), entries.readAllBytes());
        }
      }
    }
  }

  private void put(String name, byte[] content) {
    put(name, () -> new ByteArrayInputStream(content));
  }

  private void put(String name, Opener opener) {
    if (!name.endsWith(".pyc") && !name.contains("__pycache__/")) {
      modules.put(name, opener);
    }
  }
}
