// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.time.Duration;
import java.util.Map;

/**
 * Checked settings of one pool for its sessions. Immutable; a part of {@link PoolConfig}, whose
 * keys are these names with {@code session-} before them.
 */
public final class SessionConfig {
  private final Map<Setting<?>, Object> values;

  SessionConfig(Map<Setting<?>, Object> values) {
    this.values = values;
  }

  /**
   * Where the calls of a session run: hint prefers the worker that served it last, strict insists
   * on it, none keeps nothing of a session but counts. Default: {@code hint}.
   */
  public SessionMode mode() {
    return SessionSettings.SESSION_MODE.in(values);
  }

  /**
   * Whether strict waits for the session's worker, for checkout-timeout at most. false: the call
   * fails at once when that worker is busy. Default: {@code true}.
   */
  public boolean strictWait() {
    return SessionSettings.SESSION_STRICT_WAIT.in(values);
  }

  /**
   * Time since its last call after which a session ends, and its state with it. Default: {@code
   * 300s}; range: positive.
   */
  public Duration timeout() {
    return SessionSettings.SESSION_TIMEOUT.in(values);
  }

  /** Time between two looks for sessions that have ended. Default: {@code 60s}; range: positive. */
  public Duration sweep() {
    return SessionSettings.SESSION_SWEEP.in(values);
  }

  /**
   * Who shares a session: application lets every caller with its id, principal only the same
   * authenticated caller. Default: {@code application}.
   */
  public SessionScope scope() {
    return SessionSettings.SESSION_SCOPE.in(values);
  }

  /**
   * Sessions that may be open at once; a call of a further one is refused. Default: {@code 100000};
   * range: 1 to 10000000.
   */
  public int limit() {
    return SessionSettings.SESSION_LIMIT.in(values);
  }

  /**
   * Largest state of one session as JSON; a call that makes it larger fails, and the state stays as
   * it was. Default: {@code 1MiB}; range: 1KiB to 64MiB.
   */
  public long stateSize() {
    return SessionSettings.SESSION_STATE_SIZE.in(values);
  }

  /**
   * States and programs that the built-in session store holds in the server's memory. Default:
   * {@code 256MiB}; range: at least 64KiB.
   */
  public long storeSize() {
    return SessionSettings.SESSION_STORE_SIZE.in(values);
  }

  /**
   * Time since its last use after which the built-in session store drops a state, whoever put it
   * there. Default: {@code 3600s}; range: positive.
   */
  public Duration storeTtl() {
    return SessionSettings.SESSION_STORE_TTL.in(values);
  }

  /**
   * Longest time for moving a session to another worker, its wait for the session's running call
   * included. Default: {@code 30s}; range: positive.
   */
  public Duration moveTimeout() {
    return SessionSettings.SESSION_MOVE_TIMEOUT.in(values);
  }
}
