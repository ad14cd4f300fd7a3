// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.util.Optional;

/**
 * What belongs together in one conversation with Python: its calls run one after another, prefer
 * one worker, and share a state that Python reads and writes through {@code
 * serpentry.context().session}. A handle: immutable, cheap, safe for use by any number of threads,
 * and not closed by anybody. The session itself begins with its first call and ends with {@link
 * #end} or when it has not been used for {@code session-timeout}; a later call begins a new one.
 */
public interface PythonSession {

  /**
   * The id that it was asked for by.
   *
   * @return the id
   */
  String id();

  /**
   * The id under which the pool knows it, and shows it to operators and in logs: with {@code
   * session-scope=principal} the caller's name and a colon come before {@link #id}.
   *
   * @return the id; {@link #id} unless the session belongs to its caller
   */
  default String fullId() {
    return id();
  }

  /**
   * A request for one published Python function, in this session.
   *
   * @param target {@code module:function}
   * @return an immutable request without arguments, which may be kept and used by many threads
   * @throws IllegalArgumentException when the target is not of that form or is longer than 512
   *     bytes
   */
  PythonFunction function(String target);

  /**
   * Ends it and drops its state. A call that is running goes on, and what it changes is lost with
   * the rest.
   *
   * @return whether there was a session to end
   * @throws PythonPoolException when the session store failed: it has not ended then, what could be
   *     dropped is gone, and it can be ended again
   */
  boolean end();

  /**
   * What is known about it.
   *
   * @return empty before its first call and after its end
   */
  Optional<SessionInfo> info();
}
