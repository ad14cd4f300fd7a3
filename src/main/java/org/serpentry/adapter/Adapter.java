// SPDX-License-Identifier: Apache-2.0
package org.serpentry.adapter;

/**
 * One way to answer calls. Further ones are found by {@link java.util.ServiceLoader}; they have no
 * state, and any thread may call them.
 */
public interface Adapter {

  /**
   * Its name in the configuration.
   *
   * @return lower-case letters and dashes
   */
  String name();

  /**
   * Its name as a test mode.
   *
   * @return for example {@code mock_adapter}
   */
  String testMode();

  /**
   * What it can do.
   *
   * @return its capabilities
   */
  AdapterCapabilities capabilities();

  /**
   * Opens a pool.
   *
   * @param setup what it is made of
   * @return the pool, to be closed
   * @throws org.serpentry.api.PythonPoolException when it cannot be started; nothing of it is left
   */
  AdaptedPool open(AdapterSetup setup);
}
