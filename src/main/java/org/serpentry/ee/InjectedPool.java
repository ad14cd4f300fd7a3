// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPool;
import org.serpentry.pool.CallPath;
import org.serpentry.pool.WorkerPool;

/** What applications get injected: a pool's name and the way of its calls. */
record InjectedPool(String name, CallPath path) implements PythonPool {

  @Override
  public PythonFunction function(String target) {
    return WorkerPool.function(path, target);
  }

  @Override
  public String toString() {
    return "PythonPool[" + name + "]";
  }
}
