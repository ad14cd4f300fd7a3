// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.serpentry.protocol.TraceContext;

/** Reads OpenTelemetry's current context. Loaded only where its API is there. */
final class OpenTelemetryTraces implements Supplier<TraceContext> {

  /** What is longer stays behind: it would have to fit a call's header. */
  private static final int LONGEST = 8_192;

  @Override
  public TraceContext get() {
    Context context = Context.current();
    if (!Span.fromContext(context).getSpanContext().isValid()) {
      return null;
    }
    Map<String, String> carrier = new HashMap<>();
    W3CTraceContextPropagator.getInstance().inject(context, carrier, OpenTelemetryTraces::put);
    W3CBaggagePropagator.getInstance().inject(context, carrier, OpenTelemetryTraces::put);
    return new TraceContext(
        carrier.get("traceparent"), carrier.get("tracestate"), carrier.get("baggage"));
  }

  private static void put(Map<String, String> carrier, String key, String value) {
    if (carrier != null && !value.isEmpty() && value.length() <= LONGEST) {
      carrier.put(key, value);
    }
  }
}
