// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * One call as a script sees it. Arguments are what JSON leaves of them: {@code Map}, {@code List},
 * {@code String}, {@code BigDecimal}, {@code Boolean} or null; bytes, also of a buffer or a stream,
 * are a {@code byte[]}, and arrays of numbers an {@link org.serpentry.api.NdArray}.
 *
 * @param target {@code module:function}
 * @param positional arguments by position
 * @param named arguments by name, in their order
 * @param session the session's id, or null
 * @param state the session's state, which an answer may change; empty and dropped afterwards for a
 *     call without a session
 * @param timeout how long the call may run; zero when there is no limit
 */
public record MockCall(
    String target,
    List<Object> positional,
    Map<String, Object> named,
    String session,
    Map<String, Object> state,
    Duration timeout) {

  /** Copies the arguments, which may hold nulls. */
  public MockCall {
    positional = Collections.unmodifiableList(new java.util.ArrayList<>(positional));
    named = Collections.unmodifiableMap(new LinkedHashMap<>(named));
  }

  /**
   * An argument given by name.
   *
   * @param name the parameter's name
   * @return its value, which may be null
   * @throws NoSuchElementException when it was not given
   */
  public Object argument(String name) {
    if (!named.containsKey(name)) {
      throw new NoSuchElementException(
          target + " was called without an argument '" + name + "'; it got " + named.keySet());
    }
    return named.get(name);
  }

  /**
   * An argument given by position.
   *
   * @param position counted from 0
   * @return its value, which may be null
   * @throws NoSuchElementException when there were fewer
   */
  public Object argument(int position) {
    if (position < 0 || position >= positional.size()) {
      throw new NoSuchElementException(
          "%s was called with %d arguments by position, so there is no number %d"
              .formatted(target, positional.size(), position));
    }
    return positional.get(position);
  }

  /** Without arguments, which may be secret. */
  @Override
  public String toString() {
    return "MockCall["
        + target
        + ", "
        + positional.size()
        + " by position, by name "
        + named.keySet()
        + (session == null ? "" : ", session " + session)
        + "]";
  }
}
