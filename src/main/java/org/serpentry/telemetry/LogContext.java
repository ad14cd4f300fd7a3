// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.logging.LogManager;

/**
 * Puts what a log entry is about where the log keeps such things while the entry is written: into
 * the MDC of JBoss LogManager or of SLF4J. Where there is neither, as on Payara, the entry's text
 * is all there is. Any thread may call.
 */
final class LogContext {

  private static final Logger LOG = System.getLogger(LogContext.class.getName());

  /** Without any MDC. */
  static final LogContext NONE = new LogContext(null, null);

  private final MethodHandle put;
  private final MethodHandle remove;

  private LogContext(MethodHandle put, MethodHandle remove) {
    this.put = put;
    this.remove = remove;
  }

  /** That of the log which this JVM has. */
  static LogContext ofServer() {
    ClassLoader manager = LogManager.getLogManager().getClass().getClassLoader();
    LogContext jboss = of(manager, "org.jboss.logmanager.MDC");
    return jboss != NONE ? jboss : of(LogContext.class.getClassLoader(), "org.slf4j.MDC");
  }

  /** That of a class with the static methods put and remove, or none when it is not there. */
  static LogContext of(ClassLoader loader, String name) {
    try {
      Class<?> mdc = Class.forName(name, true, loader);
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      return new LogContext(
          lookup.findStatic(mdc, "put", returning(mdc, "put", String.class, String.class)),
          lookup.findStatic(mdc, "remove", returning(mdc, "remove", String.class)));
    } catch (ClassNotFoundException e) {
      return NONE; // The usual case outside such servers.
    } catch (ReflectiveOperationException | LinkageError e) {
      LOG.log(Level.DEBUG, name + " cannot be used", e);
      return NONE;
    }
  }

  /** The type of a method whose return type is one thing in JBoss's MDC, another in SLF4J's. */
  private static MethodType returning(Class<?> mdc, String method, Class<?>... parameters)
      throws NoSuchMethodException {
    return MethodType.methodType(
        mdc.getMethod(method, parameters).getReturnType(), Arrays.asList(parameters));
  }

  /** Runs something with these values in the MDC, and takes them out again. */
  void during(Map<String, String> values, Runnable task) {
    if (put == null || values.isEmpty()) {
      task.run();
      return;
    }
    values.forEach((key, value) -> invoke(put, key, value));
    try {
      task.run();
    } finally {
      values.keySet().forEach(key -> invoke(remove, key));
    }
  }

  private static void invoke(MethodHandle method, String... arguments) {
    try {
      Objects.requireNonNull(method).invokeWithArguments((Object[]) arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("an MDC declares no exception", e);
    }
  }
}
