// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import java.util.HashMap;
import java.util.Map;

/**
 * Says who killed a worker. A SIGKILL does not tell where it came from: the pool knows its own, the
 * control group counts the kernel's for want of memory, and every other came from outside. For one
 * thread.
 */
public final class Killers {

  private final OomEvidence outOfMemory;
  private final boolean cpuLimited;
  private final Map<Long, String> byPool = new HashMap<>();

  /**
   * Knows of no kill yet.
   *
   * @param outOfMemory what the control group counts
   * @param cpuLimited whether the kernel also kills workers that exceed their CPU time
   */
  public Killers(OomEvidence outOfMemory, boolean cpuLimited) {
    this.outOfMemory = outOfMemory;
    this.cpuLimited = cpuLimited;
  }

  /**
   * The pool kills a worker. What it has said first about a worker holds.
   *
   * @param worker the worker's number
   * @param why in a few words, or empty where the reason is told otherwise
   */
  public void poolKills(long worker, String why) {
    byPool.putIfAbsent(worker, why);
  }

  /**
   * Who killed a worker that has ended. Asked once for each worker.
   *
   * @param worker the worker's number
   * @param signal the signal that ended it, or null
   * @return a few words; empty when it was no SIGKILL or the pool's own without a reason
   */
  public String of(long worker, String signal) {
    String ours = byPool.remove(worker);
    if (!"SIGKILL".equals(signal)) {
      return "";
    }
    if (ours != null) {
      return ours;
    }
    if (outOfMemory.take()) {
      return "out of memory: its control group has counted a kill";
    }
    return cpuLimited ? "killed from outside, or at max-cpu" : "killed from outside";
  }

  /** Time has passed: {@link OomEvidence#age}. */
  public void age() {
    outOfMemory.age();
  }
}
