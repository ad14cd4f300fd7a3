// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static javax.management.MBeanOperationInfo.ACTION;
import static javax.management.MBeanOperationInfo.ACTION_INFO;

import java.util.List;

/**
 * What breaks circuits in a pool: {@code serpentry:…,pool=<pool>,component=CircuitBreaker}. Any
 * thread may call.
 */
@Description(
    "The crash breaker, which keeps workers from being started, and the circuits of calls, which refuse calls of functions that fail.")
public interface PoolCircuitsMXBean {

  @Description(
      "CLOSED; OPEN after too many workers died before they served, when none is started for a while; HALF_OPEN while one is tried.")
  String getCrashBreakerState();

  @Description("The last death that counted, or what closed it, or empty.")
  String getCrashBreakerCause();

  @Description("How many early deaths count now, while it is closed.")
  int getCrashBreakerDeaths();

  @Description("How long it stays open, in milliseconds, or 0.")
  @Unit("milliseconds")
  long getCrashBreakerRemainingMillis();

  @Description(
      "The circuits that count failures or refuse calls, and blocked functions; all others are closed.")
  @Table("name")
  List<Circuit> getCircuits();

  @Description("How many circuits do not let all calls pass.")
  int getCircuitsOpen();

  @Description("Calls that open circuits have refused, since the start.")
  long getCallsRefused();

  @Description("Closes the crash breaker, so that workers are started again at once.")
  @Impact(value = ACTION, safe = true)
  void resetCrashBreaker();

  @Description(
      "Refuses the calls of a function from now on, for example of one that an input makes kill its worker; calls that run go on. It shows in Circuits, and resetCircuit of its name lets it in again.")
  @Impact(ACTION)
  void blockFunction(
      @Named("function") @Description("module:function, or module:* for all of a module.")
          String function);

  @Description("Closes a circuit and forgets its failures; returns whether it was known.")
  @Impact(value = ACTION_INFO, safe = true)
  boolean resetCircuit(
      @Named("name")
          @Description("The group's name, * for the pool's own, or a blocked function's.")
          String name);

  @Description("Closes every circuit and forgets their failures.")
  @Impact(value = ACTION, safe = true)
  void resetCircuits();

  /**
   * A circuit.
   *
   * @param cause the last failure that counted, or empty
   * @param failures in a row that count now, while it is closed
   * @param name the group's name, {@code *} for the pool's own, or a blocked function's
   * @param refusals how many calls it has refused
   * @param remainingMillis how long it stays open, or 0
   * @param state CLOSED, OPEN or HALF_OPEN
   * @param successes in a row that count now, while it is half open
   */
  record Circuit(
      String cause,
      int failures,
      String name,
      long refusals,
      long remainingMillis,
      String state,
      int successes) {}
}
