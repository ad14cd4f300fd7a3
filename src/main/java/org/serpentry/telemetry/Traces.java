// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.util.function.Supplier;
import org.serpentry.protocol.TraceContext;

/**
 * The trace that a thread is in, as OpenTelemetry knows it, where its API is among what this class
 * can see: the application's own, or the server's. Any thread may call.
 */
public final class Traces {

  private static final Supplier<TraceContext> SOURCE = source();

  private Traces() {}

  private static Supplier<TraceContext> source() {
    try {
      ClassLoader loader = Traces.class.getClassLoader();
      Class.forName("io.opentelemetry.api.trace.Span", false, loader);
      Class.forName("io.opentelemetry.context.Context", false, loader);
      Supplier<TraceContext> source = new OpenTelemetryTraces();
      TraceContext unused = source.get(); // Shows whether all that it needs is there.
      return source;
    } catch (ClassNotFoundException | LinkageError e) {
      return null; // Nobody traces, or what does is none of our business.
    }
  }

  /**
   * Whether there is anything to look at.
   *
   * @return whether the OpenTelemetry API is there
   */
  public static boolean present() {
    return SOURCE != null;
  }

  /**
   * The trace context and baggage of the calling thread.
   *
   * @return null when it is in no span
   */
  public static TraceContext current() {
    return SOURCE == null ? null : SOURCE.get();
  }
}
