// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

import java.nio.charset.StandardCharsets;

/**
 * The W3C trace context and baggage of a call's caller. Immutable.
 *
 * @param traceparent the trace and the caller's span in it
 * @param tracestate what tracing systems add to it, or null
 * @param baggage what the application has travel with the trace, or null
 */
public record TraceContext(String traceparent, String tracestate, String baggage) {

  /** A trace without anything besides. */
  public TraceContext(String traceparent) {
    this(traceparent, null, null);
  }

  /**
   * What of it has no place of its own in a call's header.
   *
   * @return header fields, or null when there are none
   */
  public byte[] fields() {
    if (tracestate == null && baggage == null) {
      return null;
    }
    HeaderFields fields = new HeaderFields();
    put(fields, HeaderFields.TRACESTATE, tracestate);
    put(fields, HeaderFields.BAGGAGE, baggage);
    return fields.toByteArray();
  }

  private static void put(HeaderFields fields, int tag, String value) {
    if (value != null) {
      fields.put(tag, value.getBytes(StandardCharsets.UTF_8));
    }
  }
}
