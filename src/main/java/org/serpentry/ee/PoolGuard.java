// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

/**
 * What the server's MicroProfile Fault Tolerance wraps: each pool has a subclass of its own, a CDI
 * bean whose method carries the annotations. Asynchronous calls do not come by, since servers
 * differ too much in what they make of them: see {@link AsyncGuard}. Stateless; any thread may
 * call.
 */
public abstract class PoolGuard {

  /** For the subclasses. */
  protected PoolGuard() {}

  /**
   * One attempt of a call.
   *
   * @param call the call
   * @return its result
   */
  public Object call(GuardedCall call) {
    return call.attempt();
  }
}
