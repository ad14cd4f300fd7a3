// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.serpentry.recovery.RestartIntensity;

/**
 * Supervises a pool's own parts, its launcher, its health monitor and its housekeeping, one for
 * one: the part that failed is restarted and no other. When there are too many restarts, the pool
 * has failed; after a while, or by hand, it is tried again. Everything runs on the reactor, except
 * {@link #reason} and {@link #restarts}.
 */
final class Supervisor {

  /** The pool, as its supervisor sees it. */
  interface Host {
    /** The time, as {@code System.nanoTime()}. */
    long now();

    /** Does something later. */
    void later(Duration delay, Runnable task);

    /** The pool has failed: nothing is served any more. */
    void failed(String reason);

    /** It is tried again. */
    void revived();

    /** Tells of a fault. */
    void warn(String text);
  }

  static final String LAUNCHER = "launcher";
  static final String MONITOR = "health monitor";
  static final String HOUSEKEEPING = "housekeeping";

  private final Host host;
  private final int most;
  private final Duration window;
  private final Duration cooldown;
  private final RestartIntensity intensity;
  private final Map<String, Integer> recent = new LinkedHashMap<>();
  private volatile String reason = "";
  private volatile long restarts;
  private int failures;

  Supervisor(Host host, int most, Duration window, Duration cooldown) {
    this.host = host;
    this.most = most;
    this.window = window;
    this.cooldown = cooldown;
    this.intensity = new RestartIntensity(most, window);
  }

  /** Why the pool has failed, or empty. Any thread may call. */
  String reason() {
    return reason;
  }

  /** How many restarts there have been. Any thread may call. */
  long restarts() {
    return restarts;
  }

  boolean failed() {
    return !reason.isEmpty();
  }

  /** Runs a part's work; when it throws, the part is restarted by the given task. */
  void run(String part, Runnable work, Runnable restart) {
    if (failed()) {
      return;
    }
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      host.warn("the pool's " + part + " failed and is restarted: " + e);
      if (mayRestart(part, String.valueOf(e))) {
        restart.run();
      }
    }
  }

  /** A part has ended; returns whether it is to be restarted. */
  boolean mayRestart(String part, String how) {
    if (failed()) {
      return false;
    }
    recent.merge(part, 1, Integer::sum);
    boolean may = intensity.restart(host.now());
    restarts = intensity.total();
    if (!may) {
      fail(part, how);
    }
    return may;
  }

  private void fail(String part, String how) {
    reason =
        "its parts failed more than %d times within %s (since its start: %s); the last was its %s: %s"
            .formatted(most, window, recent, part, how);
    int mine = ++failures;
    if (!cooldown.isZero()) {
      host.later(
          cooldown,
          () -> {
            if (failed() && failures == mine) {
              revive();
            }
          });
    }
    host.failed(reason); // Last: whoever hears of it may let the cooldown pass.
  }

  /** Tries the pool again; returns whether it had failed. */
  boolean revive() {
    if (!failed()) {
      return false;
    }
    reason = "";
    intensity.reset();
    recent.clear();
    host.revived();
    return true;
  }
}
