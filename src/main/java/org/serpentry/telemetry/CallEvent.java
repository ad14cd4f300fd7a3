// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;

/**
 * One call in the Flight Recorder, from its encoding to its value, with its phases. It is committed
 * on the thread that ends it: the caller's own for a synchronous call.
 */
@Name("org.serpentry.Call")
@Label("Python Call")
@Category("Serpentry")
@Description("A call of a Python function, with its phases")
@StackTrace(false)
@Threshold("20 ms")
final class CallEvent extends Event {

  private static final CallEvent PROBE = new CallEvent();

  @Label("Pool")
  String pool;

  @Label("Function")
  String function;

  @Label("Slot")
  int slot;

  @Label("Worker")
  long worker;

  @Label("Request")
  long request;

  @Label("Session")
  String session;

  @Label("Trace Context")
  @Description("The W3C traceparent of the caller")
  String traceparent;

  @Label("Caller")
  @Description("The thread that made the call")
  String caller;

  @Label("Outcome")
  @Description("SUCCESS, CANCELLED or the class of the failure, whatever a fallback answered")
  String outcome;

  @Label("Attempts")
  int attempts;

  @Label("Queue")
  @Description("Waiting for a worker, or for the session's turn")
  @Timespan(Timespan.NANOSECONDS)
  long queue;

  @Label("Encode")
  @Description("Writing the arguments, as JSON or into shared memory")
  @Timespan(Timespan.NANOSECONDS)
  long encode;

  @Label("Wait")
  @Description("From the sending of the request to its reply: the function's run")
  @Timespan(Timespan.NANOSECONDS)
  long wait;

  @Label("Decode")
  @Description("From the reply to the value that the caller gets")
  @Timespan(Timespan.NANOSECONDS)
  long decode;

  /** Whether anybody records calls now. */
  static boolean recorded() {
    return PROBE.isEnabled();
  }
}
