// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.time.Duration;
import java.util.List;

/** Settings of one pool for its sessions: {@code serpentry.pool.<name>.<key>}. */
final class SessionSettings {
  private static final SettingList DECLARED = new SettingList("Sessions");

  static final Setting<SessionMode> SESSION_MODE =
      DECLARED.declare(
          "session-mode",
          ValueType.oneOf(SessionMode.class),
          "hint",
          "",
          value -> true,
          "Where the calls of a session run: hint prefers the worker that served it last, strict insists on it, none keeps nothing of a session but counts.");

  static final Setting<Boolean> SESSION_STRICT_WAIT =
      DECLARED.declare(
          "session-strict-wait",
          ValueType.BOOLEAN,
          "true",
          "",
          value -> true,
          "Whether strict waits for the session's worker, for checkout-timeout at most. false: the call fails at once when that worker is busy.");

  static final Setting<Duration> SESSION_TIMEOUT =
      DECLARED.declare(
          "session-timeout",
          ValueType.DURATION,
          "300s",
          "positive",
          value -> positive(value),
          "Time since its last call after which a session ends, and its state with it.");

  static final Setting<Duration> SESSION_SWEEP =
      DECLARED.declare(
          "session-sweep",
          ValueType.DURATION,
          "60s",
          "positive",
          value -> positive(value),
          "Time between two looks for sessions that have ended.");

  static final Setting<SessionScope> SESSION_SCOPE =
      DECLARED.declare(
          "session-scope",
          ValueType.oneOf(SessionScope.class),
          "application",
          "",
          value -> true,
          "Who shares a session: application lets every caller with its id, principal only the same authenticated caller.");

  static final Setting<Integer> SESSION_LIMIT =
      DECLARED.declare(
          "session-limit",
          ValueType.INTEGER,
          "100000",
          "1 to 10000000",
          value -> value >= 1 && value <= 10_000_000,
          "Sessions that may be open at once; a call of a further one is refused.");

  static final Setting<Long> SESSION_STATE_SIZE =
      DECLARED.declare(
          "session-state-size",
          ValueType.BYTES,
          "1MiB",
          "1KiB to 64MiB",
          value -> value >= 1L << 10 && value <= 64L << 20,
          "Largest state of one session as JSON; a call that makes it larger fails, and the state stays as it was.");

  static final Setting<Long> SESSION_STORE_SIZE =
      DECLARED.declare(
          "session-store-size",
          ValueType.BYTES,
          "256MiB",
          "at least 64KiB",
          value -> value >= 64L << 10,
          "States and programs that the built-in session store holds in the server's memory.");

  static final Setting<Duration> SESSION_STORE_TTL =
      DECLARED.declare(
          "session-store-ttl",
          ValueType.DURATION,
          "3600s",
          "positive",
          value -> positive(value),
          "Time since its last use after which the built-in session store drops a state, whoever put it there.");

  static final Setting<Duration> SESSION_MOVE_TIMEOUT =
      DECLARED.declare(
          "session-move-timeout",
          ValueType.DURATION,
          "30s",
          "positive",
          value -> positive(value),
          "Longest time for moving a session to another worker, its wait for the session's running call included.");

  private SessionSettings() {}

  /** In the order of the documentation. */
  static List<Setting<?>> all() {
    return DECLARED.all();
  }

  private static boolean positive(Duration value) {
    return !value.isNegative() && !value.isZero();
  }
}
