// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.serpentry.api.BreakerState;
import org.serpentry.protocol.Frame;
import org.serpentry.recovery.CircuitView;

/**
 * The functions that an operator lets nobody call, until they are let in again: circuits held open
 * by hand. Any thread may call.
 */
final class BlockedFunctions {

  /** More than an operator blocks by hand. */
  static final int MOST = 1_000;

  private static final String ALL = ":*";

  private record Block(String reason, LongAdder refusals) {}

  private final ConcurrentHashMap<String, Block> blocks = new ConcurrentHashMap<>();
  private final ReentrantLock adding = new ReentrantLock(); // So that their number holds.

  /**
   * Blocks a function, or all of a module.
   *
   * @param name {@code module:function} or {@code module:*}
   * @param by who wants it
   * @return whether it was not blocked before
   * @throws IllegalArgumentException when the name is neither, or the pool's own, or longer than
   *     any that can be called
   * @throws IllegalStateException when {@value #MOST} are blocked already
   */
  boolean block(String name, String by) {
    if (name.getBytes(StandardCharsets.UTF_8).length > Frame.MAX_TARGET) {
      throw new IllegalArgumentException(
          "A name of %d characters names no function; one has at most %d bytes"
              .formatted(name.length(), Frame.MAX_TARGET));
    }
    int colon = name.indexOf(':');
    int star = name.indexOf('*');
    boolean all = name.endsWith(ALL) && star == name.length() - 1;
    if (colon < 1 || colon == name.length() - 1 || (star >= 0 && !all)) {
      throw new IllegalArgumentException(
          "'" + name + "' names no function; write module:function, or module:* for all of them");
    }
    if (name.startsWith("serpentry:")) {
      throw new IllegalArgumentException(
          "'" + name + "' is the pool's own, by which it probes its workers");
    }
    adding.lock();
    try {
      if (blocks.size() >= MOST && !blocks.containsKey(name)) {
        throw new IllegalStateException(
            "%d functions are blocked already; let some in again by resetCircuit, or block a module"
                    .formatted(MOST)
                + " by module:*");
      }
      return blocks.putIfAbsent(name, new Block("blocked by " + by, new LongAdder())) == null;
    } finally {
      adding.unlock();
    }
  }

  /** Lets a function in again; whether it was blocked. */
  boolean unblock(String name) {
    return blocks.remove(name) != null;
  }

  /** The block that keeps a call out, which counts it; null when there is none. */
  CircuitView refusing(String target) {
    String name = target;
    Block block = blocks.get(name);
    if (block == null) {
      name = target.substring(0, Math.max(0, target.indexOf(':'))) + ALL;
      block = blocks.get(name);
    }
    if (block == null) {
      return null;
    }
    block.refusals().increment();
    return view(name, block);
  }

  /** All of them, in no order. */
  List<CircuitView> views() {
    List<CircuitView> views = new ArrayList<>();
    blocks.forEach((name, block) -> views.add(view(name, block)));
    return views;
  }

  private static CircuitView view(String name, Block block) {
    return new CircuitView(
        name, BreakerState.OPEN, 0, 0, block.refusals().sum(), 0, block.reason());
  }
}
