// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.List;
import java.util.Map;
import org.serpentry.api.BreakerState;
import org.serpentry.pool.PoolControl;
import org.serpentry.pool.PoolSnapshot;

/** The breakers of one pool. Any thread may call. */
final class CircuitsBean implements PoolCircuitsMXBean {

  private final PoolControl control;
  private final SnapshotCache cache;
  private final Announcer announcer;

  CircuitsBean(PoolControl control, SnapshotCache cache, Announcer announcer) {
    this.control = control;
    this.cache = cache;
    this.announcer = announcer;
  }

  private PoolSnapshot.BreakerView breaker() {
    return cache.get().upkeep().breaker();
  }

  @Override
  public String getCrashBreakerState() {
    return breaker().state().name();
  }

  @Override
  public String getCrashBreakerCause() {
    return breaker().cause();
  }

  @Override
  public int getCrashBreakerDeaths() {
    return breaker().deaths();
  }

  @Override
  public long getCrashBreakerRemainingMillis() {
    return breaker().remainingMillis();
  }

  @Override
  public List<Circuit> getCircuits() {
    return control.resilience().circuitViews().stream()
        .map(
            view ->
                new Circuit(
                    PoolGauges.text(view.cause()),
                    view.failures(),
                    view.name(),
                    view.refusals(),
                    view.remainingMillis(),
                    view.state().name(),
                    view.successes()))
        .toList();
  }

  @Override
  public int getCircuitsOpen() {
    return (int)
        control.resilience().circuitViews().stream()
            .filter(view -> view.state() != BreakerState.CLOSED)
            .count();
  }

  @Override
  public long getCallsRefused() {
    return control.resilience().refusedByCircuits();
  }

  private void tell(String what) {
    announcer.tellOfPool(
        Announcer.OPERATION,
        "%s was asked for over JMX by %s".formatted(what, JmxCaller.name()),
        Map.of("operation", what));
  }

  @Override
  public void resetCrashBreaker() {
    tell("resetCrashBreaker");
    control.resetCrashBreaker();
    cache.invalidate();
  }

  @Override
  public void blockFunction(String function) {
    tell("blockFunction(" + function + ")");
    control.resilience().blockFunction(function, JmxCaller.name());
  }

  @Override
  public boolean resetCircuit(String name) {
    tell("resetCircuit(" + name + ")");
    return control.resilience().resetCircuit(name);
  }

  @Override
  public void resetCircuits() {
    tell("resetCircuits");
    control.resilience().resetCircuits();
  }
}
