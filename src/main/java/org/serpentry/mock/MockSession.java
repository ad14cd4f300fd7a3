// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import java.util.Optional;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonSession;
import org.serpentry.api.SessionInfo;
import org.serpentry.pool.CallSession;
import org.serpentry.pool.WorkerPool;

/** A handle on a session of a mock. Immutable. */
record MockSession(String id, MockPath path) implements PythonSession, CallSession {

  @Override
  public PythonFunction function(String target) {
    return WorkerPool.function(path, target, this);
  }

  @Override
  public boolean end() {
    return path.sessions().end(id);
  }

  @Override
  public Optional<SessionInfo> info() {
    return path.sessions().info(id);
  }

  @Override
  public String toString() {
    return "PythonSession[" + id + "]";
  }
}
