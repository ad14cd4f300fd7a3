// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Python modules that are to become files: names, and what opens each. */
public final class ModuleSource {
  /** Opens one module. */
  @FunctionalInterface
  public interface Opener {
    /** Its content; the caller closes it. */
    InputStream open() throws IOException;
  }

  private final Map<String, Opener> modules;

  private ModuleSource(Map<String, Opener> modules) {
    this.modules = modules;
  }

  /** Modules by relative path with slashes, for example {@code reviews/model.py}. */
  public static ModuleSource of(Map<String, Opener> modules) {
    modules.keySet().forEach(ModuleSource::checkName);
    return new ModuleSource(new LinkedHashMap<>(modules));
  }

  /** All files below a directory but bytecode; none when the directory is missing. */
  public static ModuleSource directory(Path directory) throws IOException {
    Map<String, Opener> modules = new LinkedHashMap<>();
    CodeHash.files(directory)
        .forEach((name, file) -> modules.put(name, () -> Files.newInputStream(file)));
    return of(modules);
  }

  /**
   * Class path resources.
   *
   * @param prefix what precedes each name in the resource's name, ending in a slash
   * @param names relative paths with slashes
   */
  public static ModuleSource resources(ClassLoader loader, String prefix, List<String> names) {
    Map<String, Opener> modules = new LinkedHashMap<>();
    names.forEach(name -> modules.put(name, () -> open(loader, prefix + name)));
    return of(modules);
  }

  Map<String, Opener> modules() {
    return modules;
  }

  static InputStream open(ClassLoader loader, String name) throws IOException {
    var address = loader.getResource(name);
    if (address == null) {
      throw new FileNotFoundException("there is no resource " + name + " on the class path");
    }
    URLConnection connection = address.openConnection();
    // A cached jar file would stay open, and old, after the application is gone.
    connection.setUseCaches(false);
    return connection.getInputStream();
  }

  private static void checkName(String name) {
    Path path = Path.of(name);
    if (name.isEmpty()
        || path.isAbsolute()
        || !path.normalize().equals(path)
        || path.startsWith("..")) {
      throw new IllegalArgumentException(
          "not a relative path below the modules' directory: " + name);
    }
  }
}
