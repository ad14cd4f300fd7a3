// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.concurrent.TimeUnit;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.PythonPoolException;
import org.serpentry.pool.PoolFigures.LastError;
import org.serpentry.telemetry.LatencyHistory;
import org.serpentry.telemetry.LatencyRecorder;
import org.serpentry.worker.Worker;

/**
 * What is measured of a pool's calls. {@link #ended} is on every call's way: it takes no lock and
 * allocates nothing. {@link #start} is for the reactor, everything else for any thread.
 */
final class Measures {

  private final PoolContext context;
  private final LatencyRecorder recorder = new LatencyRecorder();
  private final LatencyHistory history = new LatencyHistory(recorder);
  private SlowCalls slowCalls;
  private volatile LastError lastError;
  private volatile long beat;

  Measures(PoolContext context) {
    this.context = context;
    this.beat = context.nanoTime().getAsLong();
  }

  /** Begins to keep the last minute, and to show that the control thread runs. */
  void start() {
    beat = context.nanoTime().getAsLong();
    context
        .reactor()
        .schedule(
            LatencyHistory.STEP.toNanos(),
            TimeUnit.NANOSECONDS,
            () -> {
              history.tick();
              start();
            });
  }

  /** Has slow calls told of. Called once, before there are any calls. */
  void tells(SlowCalls slow) {
    slowCalls = slow;
  }

  /** A lease has ended after so long. */
  void ended(Worker worker, long id, CallRequest request, long nanos) {
    recorder.record(nanos);
    slowCalls.ended(worker, id, request, nanos);
  }

  /** A call has failed and is not tried again. */
  void failed(CallRequest request, PythonPoolException failure) {
    boolean nobodys = request.session() instanceof Errand;
    if (!nobodys && !(failure instanceof CallCancelledException)) {
      lastError =
          new LastError(
              context.clock().instant(),
              request.target(),
              failure.getClass().getSimpleName(),
              failure.getMessage());
    }
  }

  LatencyHistory latency() {
    return history;
  }

  LastError lastError() {
    return lastError;
  }

  /** How long the control thread has not shown that it runs, in nanoseconds. */
  long silentNanos() {
    return context.nanoTime().getAsLong() - beat;
  }

  /** Forgets everything so far. */
  void reset() {
    history.reset();
    lastError = null;
  }
}
