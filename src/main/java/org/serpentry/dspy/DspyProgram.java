// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.util.concurrent.CompletableFuture;

/**
 * One program whose outputs are read as a Java type. Immutable; safe for use by any thread.
 *
 * @param <A> the type of its answers
 */
public interface DspyProgram<A> {

  /**
   * Runs it.
   *
   * @param inputs an object with a member for each input, a record for instance, or a map
   * @return the outputs
   * @throws org.serpentry.api.PythonPoolException when there is no result, or it is no such answer
   */
  A execute(Object inputs);

  /**
   * Runs it without blocking. Cancelling the future cancels the Python work.
   *
   * @param inputs an object with a member for each input
   * @return a future that ends as {@link #execute} does
   */
  CompletableFuture<A> executeAsync(Object inputs);
}
