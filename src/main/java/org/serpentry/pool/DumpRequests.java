// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Who has asked workers for the stacks of their threads: somebody who wants the listeners to hear
 * them, or somebody who wants them alone. Used on the reactor.
 */
final class DumpRequests {

  private final Set<Long> forAll = new HashSet<>();
  private final Map<Long, List<Consumer<String>>> alone = new HashMap<>();

  /** A worker has been asked for what all may hear. */
  void askedForAll(long worker) {
    forAll.add(worker);
  }

  /** Somebody wants the next stacks of a worker; false when it has been asked already. */
  boolean ask(long worker, Consumer<String> answer) {
    List<Consumer<String>> asking = alone.computeIfAbsent(worker, id -> new ArrayList<>());
    asking.add(answer);
    return asking.size() == 1;
  }

  /** Somebody does not wait any longer. */
  void forget(long worker, Consumer<String> answer) {
    List<Consumer<String>> asking = alone.get(worker);
    if (asking != null && asking.remove(answer) && asking.isEmpty()) {
      alone.remove(worker);
    }
  }

  /** Stacks have come; whether the listeners are to hear them. */
  boolean arrived(long worker, String text) {
    boolean asked = forAll.remove(worker);
    List<Consumer<String>> asking = alone.remove(worker);
    if (asking != null) {
      asking.forEach(answer -> answer.accept(text));
    }
    return asked || asking == null;
  }

  /** A worker has ended, and with it what it might have answered. */
  void ended(long worker) {
    forAll.remove(worker);
    List<Consumer<String>> asking = alone.remove(worker);
    if (asking != null) {
      asking.forEach(answer -> answer.accept("none: the worker has ended"));
    }
  }
}
