// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.serpentry.api.BreakerState;

/**
 * Stops a storm of restarts: when more workers than its limit have died within its window before
 * they served a call, it opens, and the pool starts none until it half-opens after its pause. It
 * neither starts nor schedules anything itself; whoever owns it asks and tells it. Its state is one
 * atomic value; any thread may call.
 */
public final class CrashBreaker {

  /**
   * A move from one state to another.
   *
   * @param from the state before
   * @param to the state now
   * @param cause the last death, or what closed it
   */
  public record Change(BreakerState from, BreakerState to, String cause) {}

  /** Deaths are the times of those that count while it is closed, oldest first. */
  private record Present(BreakerState state, long since, List<Long> deaths, String cause) {
    Present become(BreakerState next, long now, String why) {
      if (!state.mayBecome(next)) {
        throw new IllegalStateException(
            "A crash breaker that is %s cannot become %s".formatted(state, next));
      }
      return new Present(next, now, List.of(), why);
    }
  }

  private static final Duration CENTURY = Duration.ofDays(36_500);

  private final int limit;
  private final long windowNanos;
  private final long pauseNanos;
  private final LongSupplier nanoTime;
  private final AtomicReference<Present> present;

  /**
   * A closed breaker.
   *
   * @param limit how many deaths within the window it bears; 0: any number, it never opens
   * @param window how long a death counts
   * @param pause how long it stays open
   * @param nanoTime the clock, as {@link System#nanoTime()}
   */
  public CrashBreaker(int limit, Duration window, Duration pause, LongSupplier nanoTime) {
    this.limit = limit;
    this.windowNanos = nanos(window);
    this.pauseNanos = nanos(pause);
    this.nanoTime = nanoTime;
    this.present =
        new AtomicReference<>(
            new Present(BreakerState.CLOSED, nanoTime.getAsLong(), List.of(), ""));
  }

  private static long nanos(Duration duration) {
    return duration.compareTo(CENTURY) < 0 ? duration.toNanos() : CENTURY.toNanos();
  }

  /**
   * Counts a worker that died before it served a call.
   *
   * @param cause how it died, for messages
   * @return the move to OPEN, if this death was the one too many or that of the worker on trial
   */
  public Optional<Change> died(String cause) {
    long now = nanoTime.getAsLong();
    return change(
        was -> {
          if (limit == 0) {
            return was;
          }
          if (was.state() == BreakerState.HALF_OPEN) {
            return was.become(BreakerState.OPEN, now, cause);
          }
          if (was.state() == BreakerState.OPEN) {
            return new Present(was.state(), was.since(), was.deaths(), cause);
          }
          List<Long> deaths = recent(was, now);
          deaths.add(now);
          return deaths.size() > limit
              ? was.become(BreakerState.OPEN, now, cause)
              : new Present(was.state(), was.since(), List.copyOf(deaths), cause);
        });
  }

  private List<Long> recent(Present was, long now) {
    List<Long> deaths = new ArrayList<>();
    for (long death : was.deaths()) {
      if (now - death < windowNanos) {
        deaths.add(death);
      }
    }
    return deaths;
  }

  /**
   * Lets one worker be tried, when the pause is over.
   *
   * @return the move to HALF_OPEN; empty when it is not open or its pause is not over
   */
  public Optional<Change> halfOpen() {
    long now = nanoTime.getAsLong();
    return change(
        was ->
            was.state() == BreakerState.OPEN && now - was.since() >= pauseNanos
                ? was.become(BreakerState.HALF_OPEN, now, was.cause())
                : was);
  }

  /**
   * The worker on trial serves.
   *
   * @return the move to CLOSED; empty when none was on trial
   */
  public Optional<Change> proved() {
    long now = nanoTime.getAsLong();
    return change(
        was ->
            was.state() == BreakerState.HALF_OPEN
                ? was.become(BreakerState.CLOSED, now, "the worker on trial serves")
                : was);
  }

  /**
   * Closes it by hand and forgets the deaths so far.
   *
   * @return the move to CLOSED; empty when it was closed
   */
  public Optional<Change> reset() {
    long now = nanoTime.getAsLong();
    return change(
        was ->
            was.state() == BreakerState.CLOSED
                ? new Present(was.state(), was.since(), List.of(), "")
                : was.become(BreakerState.CLOSED, now, "it was reset by hand"));
  }

  private Optional<Change> change(Function<Present, Present> step) {
    while (true) {
      Present was = present.get();
      Present next = step.apply(was);
      if (present.compareAndSet(was, next)) {
        return was.state() == next.state()
            ? Optional.empty()
            : Optional.of(new Change(was.state(), next.state(), next.cause()));
      }
    }
  }

  /**
   * The state now.
   *
   * @return the state
   */
  public BreakerState state() {
    return present.get().state();
  }

  /**
   * What the last change or death was about.
   *
   * @return the text, empty before the first
   */
  public String cause() {
    return present.get().cause();
  }

  /**
   * How many deaths count now.
   *
   * @return the number; 0 unless it is closed
   */
  public int deaths() {
    return recent(present.get(), nanoTime.getAsLong()).size();
  }

  /**
   * How long it will stay open.
   *
   * @return the time; zero when it is not open or about to half-open
   */
  public Duration remaining() {
    Present now = present.get();
    long left = pauseNanos - (nanoTime.getAsLong() - now.since());
    return now.state() == BreakerState.OPEN && left > 0 ? Duration.ofNanos(left) : Duration.ZERO;
  }
}
