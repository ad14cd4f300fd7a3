// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.concurrent.Callable;

/** Where a bean begins what may take longer than a console may be kept waiting. Any thread. */
public interface LongOperations {

  /**
   * Begins an operation on a thread of its own. It is listed in the pool's {@code Operations} and
   * tells its end by a notification.
   *
   * @param name the operation's name
   * @param work does it; returns what came of it, in a few words, or an empty text
   * @return the operation's id, at once
   */
  String begin(String name, Callable<String> work);
}
