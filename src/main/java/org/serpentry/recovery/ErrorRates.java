// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.serpentry.spi.ErrorAlert.Kind;

/**
 * Judges, from counts read now and then, whether too many calls fail. It counts nothing itself, so
 * that calls pay nothing for it. For one thread.
 */
public final class ErrorRates {

  /**
   * When there is an alert.
   *
   * @param percent of failed calls above which there is one
   * @param window over which it is taken
   * @param minimum calls within the window before their rate means anything
   * @param circuits open circuits at which there is one
   * @param cooldown after an alert in which the same one is not repeated
   */
  public record Limits(
      int percent, Duration window, long minimum, int circuits, Duration cooldown) {}

  /**
   * Counts since the start.
   *
   * @param calls that have ended
   * @param failures of them
   */
  public record Counts(long calls, long failures) {
    Counts minus(Counts before) {
      return new Counts(calls - before.calls, failures - before.failures);
    }
  }

  private record Sample(long at, Counts counts) {}

  private final Limits limits;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private final Map<Kind, Long> lastAlerts = new EnumMap<>(Kind.class);

  /**
   * Begins with nothing seen.
   *
   * @param limits when there is an alert
   */
  public ErrorRates(Limits limits) {
    this.limits = limits;
  }

  /**
   * Takes a look.
   *
   * @param now as {@link System#nanoTime()}
   * @param counts since the start
   * @param openCircuits how many there are
   * @return the alerts that are due
   */
  public List<Kind> look(long now, Counts counts, int openCircuits) {
    long window = limits.window().toNanos();
    samples.addLast(new Sample(now, counts));
    // The oldest one kept is the last before the window, so that the window is covered.
    while (samples.size() > 2 && now - second().at() >= window) {
      samples.removeFirst();
    }
    Counts recent = recent();
    List<Kind> due = new ArrayList<>();
    if (recent.calls() >= limits.minimum()
        && recent.failures() * 100 > limits.percent() * recent.calls()
        && cooled(Kind.RATE, now)) {
      due.add(Kind.RATE);
    }
    if (openCircuits >= limits.circuits() && cooled(Kind.CIRCUITS, now)) {
      due.add(Kind.CIRCUITS);
    }
    return due;
  }

  private Sample second() {
    return samples.stream().skip(1).findFirst().orElseThrow();
  }

  private boolean cooled(Kind kind, long now) {
    Long last = lastAlerts.get(kind);
    if (last != null && now - last < limits.cooldown().toNanos()) {
      return false;
    }
    lastAlerts.put(kind, now);
    return true;
  }

  /**
   * What has ended within the window.
   *
   * @return the counts; zero before the second look
   */
  public Counts recent() {
    return samples.isEmpty()
        ? new Counts(0, 0)
        : samples.getLast().counts().minus(samples.getFirst().counts());
  }

  /** Forgets everything, the alerts included. */
  public void reset() {
    samples.clear();
    lastAlerts.clear();
  }
}
