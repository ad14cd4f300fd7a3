// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.util.LinkedHashMap;
import java.util.Map;
import org.serpentry.spi.PoolListener.WorkerRef;

/** What a log entry is about, by the keys under which a log's MDC has it. */
final class LogFacts {

  private static final int TRACE_ID = 3;
  private static final int SPAN_ID = 36;
  private static final int TRACEPARENT = 55;

  private LogFacts() {}

  /** Of an entry about a pool alone. */
  static Map<String, String> of(String pool) {
    return Map.of("serpentry.pool", pool);
  }

  /** Of an entry about a worker. */
  static Map<String, String> of(WorkerRef worker) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("serpentry.pool", worker.pool());
    facts.put("serpentry.slot", Integer.toString(worker.slot()));
    facts.put("serpentry.worker", Long.toString(worker.worker()));
    facts.put("serpentry.pid", Integer.toString(worker.pid()));
    return facts;
  }

  /**
   * Of an entry about a call.
   *
   * @param request its id, or empty
   * @param session its session, or empty
   * @param traceparent its W3C trace context, or empty
   */
  static Map<String, String> of(
      WorkerRef worker, String request, String session, String traceparent) {
    Map<String, String> facts = of(worker);
    if (!request.isEmpty()) {
      facts.put("serpentry.request", SafeText.line(request));
    }
    if (!session.isEmpty()) {
      facts.put("serpentry.session", SafeText.line(session));
    }
    if (traceparent.length() >= TRACEPARENT) {
      // Under the keys that OpenTelemetry's own appenders use.
      facts.put("trace_id", SafeText.line(traceparent.substring(TRACE_ID, SPAN_ID - 1)));
      facts.put("span_id", SafeText.line(traceparent.substring(SPAN_ID, SPAN_ID + 16)));
    }
    return facts;
  }
}
