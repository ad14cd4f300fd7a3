// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.util.Optional;
import org.serpentry.spi.PoolListener;

/**
 * The way to Java's Flight Recorder, where the runtime has one. While nothing records, a call costs
 * one look at a flag that the recorder keeps, and no allocation. Any thread may call.
 */
public final class FlightRecorder {

  private static final boolean PRESENT = present();

  private FlightRecorder() {}

  private static boolean present() {
    try {
      Class.forName("jdk.jfr.Event", false, FlightRecorder.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false; // A runtime image without the module jdk.jfr, or a server that hides it.
    }
  }

  /**
   * Begins to record a call, where somebody wants that.
   *
   * @param pool the pool's name
   * @param target the function
   * @param session the session's id, or null
   * @param traceparent the W3C trace context, or null
   * @return takes its phases; {@link CallRecording#NONE} when nobody records
   */
  public static CallRecording call(String pool, String target, String session, String traceparent) {
    return PRESENT && CallEvent.recorded()
        ? new CallRecording(pool, target, session, traceparent)
        : CallRecording.NONE;
  }

  /**
   * Records what happens to a pool beyond its single calls.
   *
   * @return to be attached to the pool; empty where there is no recorder
   */
  public static Optional<PoolListener> listener() {
    return PRESENT ? Optional.of(new FlightEvents()) : Optional.empty();
  }
}
