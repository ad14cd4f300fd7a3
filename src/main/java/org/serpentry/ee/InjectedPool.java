// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.util.function.Supplier;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonSession;
import org.serpentry.api.Service;
import org.serpentry.config.SessionScope;
import org.serpentry.pool.CallPath;
import org.serpentry.pool.WorkerPool;
import org.serpentry.session.SessionIds;

/**
 * What applications get injected: a pool and the way of its calls.
 *
 * @param core the pool itself
 * @param path the way of its calls
 * @param caller tells the name of the caller that is authenticated now, empty for nobody
 */
record InjectedPool(WorkerPool core, CallPath path, Supplier<String> caller) implements PythonPool {

  @Override
  public String name() {
    return core.name();
  }

  @Override
  public Service service() {
    return core.service();
  }

  @Override
  public PythonFunction function(String target) {
    return WorkerPool.function(path, target);
  }

  @Override
  public PythonSession session(String id) {
    boolean own = core.config().sessions().scope() == SessionScope.PRINCIPAL;
    return core.session(path, id, own ? SessionIds.of(caller.get(), id) : id);
  }

  @Override
  public String toString() {
    return "PythonPool[" + core.name() + "]";
  }
}
