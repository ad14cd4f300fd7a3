// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench.peers;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Python in this very process, by Jep. Its classes come from the jar that its Python package holds,
 * since the native library accepts no other version. Used by the thread that made it.
 */
final class JepPeer extends Peer {

  private final AutoCloseable interpreter;
  private final MethodHandle invoke;
  private final String version;

  /**
   * Starts an interpreter.
   *
   * @param jep the directory {@code jep} of the installed package
   * @param home where the base Python lies
   */
  JepPeer(Path jep, String home) throws Exception {
    Path jar = only(jep, ".jar");
    version = jar.getFileName().toString().replace(".jar", "");
    // Stays open with the interpreter, of which there is one for each JVM.
    @SuppressWarnings("resource")
    ClassLoader loader =
        new URLClassLoader(new URL[] {jar.toUri().toURL()}, getClass().getClassLoader());
    Class<?> main = loader.loadClass("jep.MainInterpreter");
    main.getMethod("setJepLibraryPath", String.class).invoke(null, only(jep, ".so").toString());
    Class<?> settings = loader.loadClass("jep.PyConfig");
    Object config = settings.getConstructor().newInstance();
    settings.getMethod("setPythonHome", String.class).invoke(config, home);
    main.getMethod("setInitParams", settings).invoke(null, config);
    Class<?> shared = loader.loadClass("jep.SharedInterpreter");
    Class<?> jepConfig = loader.loadClass("jep.JepConfig");
    Object options = jepConfig.getConstructor().newInstance();
    jepConfig
        .getMethod("addIncludePaths", String[].class)
        .invoke(
            options,
            (Object) new String[] {jep.getParent().toString(), PeerProcess.SCRIPTS.toString()});
    jepConfig.getMethod("setClassLoader", ClassLoader.class).invoke(options, loader);
    shared.getMethod("setConfig", jepConfig).invoke(null, options);
    interpreter = (AutoCloseable) shared.getConstructor().newInstance();
    shared.getMethod("exec", String.class).invoke(interpreter, "from prices import answer_text");
    invoke =
        MethodHandles.lookup()
            .findVirtual(
                shared, "invoke", MethodType.methodType(Object.class, String.class, Object[].class))
            .bindTo(interpreter)
            .asType(MethodType.methodType(Object.class, String.class, Object[].class));
  }

  private static Path only(Path directory, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().endsWith(suffix))
          .sorted()
          .findFirst()
          .orElseThrow(() -> new IOException("no " + suffix + " in " + directory));
    }
  }

  @Override
  byte[] exchange(byte[] request) throws Exception {
    Object[] arguments = {new String(request, StandardCharsets.UTF_8)};
    try {
      String reply = (String) (Object) invoke.invokeExact("answer_text", arguments);
      return reply.getBytes(StandardCharsets.UTF_8);
    } catch (Exception | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  long[] pids() {
    return new long[0];
  }

  @Override
  String description() {
    return version + " in this process, a text each way, orjson";
  }

  @Override
  public void close() throws Exception {
    interpreter.close();
  }
}
