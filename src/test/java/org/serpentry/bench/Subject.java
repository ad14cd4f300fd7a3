// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

/** Something whose duration is measured. */
@FunctionalInterface
public interface Subject {

  /**
   * Does it once.
   *
   * @throws Exception when it cannot, which ends the benchmark
   */
  void run() throws Exception;
}
