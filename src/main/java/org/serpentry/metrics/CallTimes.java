// SPDX-License-Identifier: Apache-2.0
package org.serpentry.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.serpentry.api.Outcome;
import org.serpentry.config.CircuitGroups;
import org.serpentry.spi.PoolListener;

/**
 * Counts how long the calls of one pool took, by group of functions and outcome. A function's group
 * is that of {@code circuit-groups}, else its module; from {@value #MOST_GROUPS} groups on, new
 * ones share the group {@value #OTHER}, so that no caller can make series without end; a group of
 * that very name is counted there as well.
 *
 * <p>{@link #onCallEnd} is on every call's way: it takes no lock once a function is known, and
 * allocates nothing. Any thread may call.
 */
final class CallTimes implements PoolListener {

  static final String OTHER = "other";
  static final int MOST_GROUPS = 50;
  private static final int MOST_TARGETS = 1_000;

  /** The upper bounds of the buckets, in seconds. */
  private static final double[] BOUNDS = {
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    5,
    10,
    30,
    60,
    120,
    Double.POSITIVE_INFINITY
  };

  private static final long[] NANOS =
      Arrays.stream(BOUNDS)
          .limit(BOUNDS.length - 1)
          .mapToLong(seconds -> Math.round(seconds * TimeUnit.SECONDS.toNanos(1)))
          .toArray();

  private final CircuitGroups groups;
  private final Map<String, Group> byTarget = new ConcurrentHashMap<>();
  private final Map<String, Group> byName = new ConcurrentHashMap<>();
  private final AtomicInteger room = new AtomicInteger(MOST_GROUPS);
  private final Group other = new Group();
  private final LongAdder deaths = new LongAdder();

  CallTimes(CircuitGroups groups) {
    this.groups = groups;
  }

  @Override
  public void onCallEnd(CallEnd call) {
    group(call.target()).times.get(call.outcome()).add(call.nanos());
  }

  @Override
  public void onWorkerExit(WorkerRef worker, String how, boolean expected) {
    if (!expected) {
      deaths.increment();
    }
  }

  private Group group(String target) {
    Group known = byTarget.get(target);
    if (known != null) {
      return known;
    }
    String own = name(target);
    // A module of that name would hide the shared group, or be hidden by it.
    Group group = own.equals(OTHER) ? other : byName.computeIfAbsent(own, name -> newGroup());
    if (group == null) {
      group = other;
    }
    if (byTarget.size() < MOST_TARGETS) {
      byTarget.put(target, group);
    }
    return group;
  }

  private String name(String target) {
    String group = groups.of(target);
    if (group != null) {
      return group;
    }
    int colon = target.indexOf(':');
    return colon > 0 ? target.substring(0, colon) : target;
  }

  // Null, so that the name is not kept: names come from callers.
  private Group newGroup() {
    return room.getAndUpdate(left -> Math.max(0, left - 1)) > 0 ? new Group() : null;
  }

  /** How many workers have ended without having been asked to. */
  long deaths() {
    return deaths.sum();
  }

  /** What has been counted, by group and outcome, without what never happened. */
  List<Counted> counted() {
    Map<String, Group> named = new TreeMap<>(byName);
    named.put(OTHER, other);
    List<Counted> all = new ArrayList<>();
    named.forEach(
        (name, group) ->
            group.times.forEach(
                (outcome, times) -> {
                  Counted counted = times.counted(name, outcome);
                  if (Arrays.stream(counted.counts()).anyMatch(count -> count > 0)) {
                    all.add(counted);
                  }
                }));
    return all;
  }

  /** The upper bounds of the buckets, in seconds; the last one is infinite. */
  static double[] bounds() {
    return BOUNDS.clone();
  }

  /**
   * The calls of a group that ended in one way.
   *
   * @param group its name
   * @param outcome the way
   * @param counts how many fell into each bucket
   * @param seconds what they took together
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Counted(String group, Outcome outcome, long[] counts, double seconds) {}

  private static final class Group {
    private final Map<Outcome, Times> times = new EnumMap<>(Outcome.class);

    Group() {
      for (Outcome outcome : Outcome.values()) {
        times.put(outcome, new Times());
      }
    }
  }

  private static final class Times {
    private final LongAdder[] buckets = new LongAdder[BOUNDS.length];
    private final LongAdder nanos = new LongAdder();

    Times() {
      Arrays.setAll(buckets, i -> new LongAdder());
    }

    void add(long duration) {
      int bucket = 0;
      while (bucket < NANOS.length && duration > NANOS[bucket]) {
        bucket++;
      }
      buckets[bucket].increment();
      nanos.add(Math.max(0, duration));
    }

    Counted counted(String group, Outcome outcome) {
      return new Counted(
          group,
          outcome,
          Arrays.stream(buckets).mapToLong(LongAdder::sum).toArray(),
          nanos.sum() / (double) TimeUnit.SECONDS.toNanos(1));
    }
  }
}
