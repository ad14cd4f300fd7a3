// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import org.serpentry.api.Transition;
import org.serpentry.api.WorkerState;
import org.serpentry.spi.HealthEvent;
import org.serpentry.spi.PoolListener;
import org.serpentry.spi.RecoveryEvent;
import org.serpentry.telemetry.WorkerEvents.HealthVerdict;
import org.serpentry.telemetry.WorkerEvents.Recovery;
import org.serpentry.telemetry.WorkerEvents.Recycle;
import org.serpentry.telemetry.WorkerEvents.Slow;
import org.serpentry.telemetry.WorkerEvents.WorkerEnd;
import org.serpentry.telemetry.WorkerEvents.WorkerStart;

/** Writes what happens to a pool's workers into the Flight Recorder. Stateless. */
final class FlightEvents implements PoolListener {

  @Override
  public void onTransition(WorkerRef worker, Transition transition) {
    if (transition.from() == WorkerState.INITIALIZING && transition.to() == WorkerState.READY) {
      WorkerStart event = new WorkerStart();
      if (event.isEnabled()) {
        event.of(worker);
        event.took = transition.stay().toNanos();
        event.commit();
      }
    }
  }

  @Override
  public void onWorkerExit(WorkerRef worker, String how, boolean expected) {
    WorkerEnd event = new WorkerEnd();
    if (event.isEnabled()) {
      event.of(worker);
      event.how = how;
      event.expected = expected;
      event.commit();
    }
  }

  @Override
  public void onRecycled(WorkerRef worker, RecycleReason reason) {
    Recycle event = new Recycle();
    if (event.isEnabled()) {
      event.of(worker);
      event.limit = reason.limit();
      event.bound = reason.bound();
      event.value = reason.value();
      event.commit();
    }
  }

  @Override
  public void onHealth(HealthEvent verdict) {
    HealthVerdict event = new HealthVerdict();
    if (event.isEnabled()) {
      event.of(verdict.worker());
      event.health = verdict.health().name();
      event.activity = verdict.activity().name();
      event.failures = verdict.failures();
      event.reason = verdict.reason();
      event.commit();
    }
  }

  @Override
  public void onRecovery(RecoveryEvent recovery) {
    Recovery event = new Recovery();
    if (event.isEnabled()) {
      event.of(recovery.worker());
      event.failure = recovery.failure().name();
      event.detail = recovery.detail();
      event.action = recovery.decision().action().name();
      event.delay = recovery.decision().delay().toMillis();
      event.reason = recovery.decision().reason();
      event.commit();
    }
  }

  @Override
  public void onSlowCall(SlowCall call) {
    Slow event = new Slow();
    if (event.isEnabled()) {
      event.of(call.worker());
      event.function = call.target();
      event.request = call.requestId();
      event.running = call.runningMillis();
      event.queue = call.evidence().queuedMillis();
      event.caller = call.caller();
      event.session = call.session();
      event.traceparent = call.traceparent();
      event.callerStack = String.join("\n", SlowCallText.frames(call.evidence().callerStack()));
      event.pythonStacks = call.evidence().pythonStacks();
      event.commit();
    }
  }
}
