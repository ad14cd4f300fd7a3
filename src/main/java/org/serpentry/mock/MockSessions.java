// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.serpentry.api.SessionInfo;

/**
 * The sessions of a mock: their states, and when they were used. One that has not been used for the
 * pool's {@code session-timeout} is forgotten at the next look. Any thread.
 */
final class MockSessions {

  private final Clock clock;
  private final Duration timeout;
  private final Map<String, State> sessions = new ConcurrentHashMap<>();

  MockSessions(Clock clock, Duration timeout) {
    this.clock = clock;
    this.timeout = timeout;
  }

  /** One session. Its calls follow one another, as those of a real one do. */
  static final class State {
    private final ReentrantLock turn = new ReentrantLock(true);
    private final Map<String, Object> values = new LinkedHashMap<>();
    private final Instant started;
    private volatile Instant last;
    private final AtomicLong operations = new AtomicLong();

    private State(Instant now) {
      started = now;
      last = now;
    }

    /** Held while a script answers a call of it, which may change its values. */
    ReentrantLock turn() {
      return turn;
    }

    Map<String, Object> values() {
      return values;
    }
  }

  /** The session of a call that begins. */
  State begin(String id) {
    Instant now = clock.instant();
    return sessions.compute(
        id,
        (key, found) -> {
          State state = found == null || expired(found, now) ? new State(now) : found;
          state.last = now;
          state.operations.incrementAndGet();
          return state;
        });
  }

  private boolean expired(State state, Instant now) {
    return !state.last.plus(timeout).isAfter(now);
  }

  boolean end(String id) {
    State found = sessions.remove(id);
    return found != null && !expired(found, clock.instant());
  }

  Optional<SessionInfo> info(String id) {
    State found = sessions.get(id);
    return found == null || expired(found, clock.instant())
        ? Optional.empty()
        : Optional.of(
            new SessionInfo(
                id,
                found.started,
                found.last,
                found.operations.get(),
                0,
                found.turn.getQueueLength(),
                false,
                false));
  }

  void clear() {
    sessions.clear();
  }
}
