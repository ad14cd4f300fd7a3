// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.util.Optional;
import org.serpentry.adapter.AdaptedPool;
import org.serpentry.adapter.Adapter;
import org.serpentry.adapter.AdapterCapabilities;
import org.serpentry.adapter.AdapterSetup;
import org.serpentry.config.PoolConfig;
import org.serpentry.pool.PoolBuilder;

/** The {@link BridgeMock} as an adapter, found by the service loader. */
public final class BridgeMockAdapter implements Adapter {

  private static final String NAME = "bridge-mock";

  /** For the service loader. */
  public BridgeMockAdapter() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String testMode() {
    return "bridge_mock";
  }

  @Override
  public AdapterCapabilities capabilities() {
    return new AdapterCapabilities(2, false, true, true, true, true);
  }

  @Override
  public AdaptedPool open(AdapterSetup setup) {
    // Whoever configures a probe means one in Python.
    PoolConfig config =
        setup.config().toBuilder().life(life -> life.healthCheckFunction("")).build();
    PoolBuilder builder =
        BridgeMock.pool(config, setup.codec(), setup.script())
            .completions(setup.completions().get());
    return AdaptedPool.of(NAME, setup.parts().apply(builder).start(), Optional.of(setup.script()));
  }
}
