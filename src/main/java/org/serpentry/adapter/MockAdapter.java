// SPDX-License-Identifier: Apache-2.0
package org.serpentry.adapter;

import org.serpentry.mock.MockPool;

/** A script answers, in this process. */
final class MockAdapter implements Adapter {

  static final String NAME = "mock";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String testMode() {
    return "mock_adapter";
  }

  @Override
  public AdapterCapabilities capabilities() {
    return new AdapterCapabilities(1, false, false, true, true, false);
  }

  @Override
  public AdaptedPool open(AdapterSetup setup) {
    return AdaptedPool.of(
        NAME, MockPool.of(setup.config(), setup.script(), setup.codec(), setup.completions()));
  }
}
