// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * Holds measured ratios against their bounds: one line each. What breaks a bound is measured once
 * more before that counts, since others share the machine. Used by one thread.
 */
final class Guard {

  private final Map<String, Bound> bounds;
  private final Consumer<String> out;
  private final List<String> broken = new ArrayList<>();
  private final TreeSet<String> unmeasured;

  /**
   * A guard.
   *
   * @param bounds the bounds of all ratios
   * @param out gets the lines
   */
  Guard(Map<String, Bound> bounds, Consumer<String> out) {
    this.bounds = bounds;
    this.out = out;
    this.unmeasured = new TreeSet<>(bounds.keySet());
  }

  /**
   * Measures some ratios and judges them.
   *
   * @param measurement gives the ratios by name; asked again when one of them breaks its bound
   * @throws IllegalArgumentException when a ratio has no bound
   * @throws Exception when it cannot be measured
   */
  void check(Callable<Map<String, Double>> measurement) throws Exception {
    Map<String, Double> first = measurement.call();
    List<String> doubtful = new ArrayList<>();
    first.forEach(
        (name, ratio) -> {
          if (bound(name).isKeptBy(ratio)) {
            say(name, ratio, "kept");
          } else {
            doubtful.add(name);
          }
        });
    if (doubtful.isEmpty()) {
      return;
    }
    Map<String, Double> second = measurement.call();
    for (String name : doubtful) {
      double ratio = second.getOrDefault(name, Double.NaN);
      String before = String.format(Locale.ROOT, " (first %.2f)", first.get(name));
      if (bound(name).isKeptBy(ratio)) {
        say(name, ratio, "kept, measured again" + before);
      } else {
        say(name, ratio, "BROKEN" + before);
        broken.add(
            String.format(
                Locale.ROOT,
                "%s is %.2f, bound %s: %s",
                name,
                ratio,
                bound(name),
                bound(name).reason()));
      }
    }
  }

  private Bound bound(String name) {
    Bound bound = bounds.get(name);
    if (bound == null) {
      throw new IllegalArgumentException("no bound for " + name + "; there are " + bounds.keySet());
    }
    unmeasured.remove(name);
    return bound;
  }

  private void say(String name, double ratio, String verdict) {
    out.accept(
        String.format(
            Locale.ROOT, "guard: %-28s %8.2f  %-14s %s", name, ratio, bounds.get(name), verdict));
  }

  /**
   * Ends the guard.
   *
   * @throws AssertionError when a bound is broken or was not measured, with the reasons
   */
  void verdict() {
    List<String> wrong = new ArrayList<>(broken);
    unmeasured.forEach(name -> wrong.add(name + " has a bound and was not measured"));
    if (!wrong.isEmpty()) {
      throw new AssertionError(
          wrong.size() + " of " + bounds.size() + " bounds:\n" + String.join("\n", wrong));
    }
  }
}
