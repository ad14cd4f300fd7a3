// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.Optional;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonSession;
import org.serpentry.api.SessionInfo;

/** What a user has of a session. Immutable. */
record SessionHandle(String id, SessionKey key, CallPath path, PoolSessions sessions)
    implements PythonSession {

  @Override
  public PythonFunction function(String target) {
    return FunctionRequest.of(path, target, key);
  }

  @Override
  public String fullId() {
    return key.id();
  }

  @Override
  public boolean end() {
    return sessions.end(key.id());
  }

  @Override
  public Optional<SessionInfo> info() {
    return sessions.info(key.id());
  }

  @Override
  public String toString() {
    return "PythonSession[" + key.id() + "]";
  }
}
