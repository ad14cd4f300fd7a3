// SPDX-License-Identifier: Apache-2.0
package org.serpentry.adapter;

import java.util.Optional;
import org.serpentry.pool.PoolBuilder;

/** Real workers answer. */
final class PythonAdapter implements Adapter {

  static final String NAME = "python";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String testMode() {
    return "full_integration";
  }

  @Override
  public AdapterCapabilities capabilities() {
    return new AdapterCapabilities(3, true, true, false, true, true);
  }

  @Override
  public AdaptedPool open(AdapterSetup setup) {
    PoolBuilder builder =
        new PoolBuilder(setup.config(), setup.python().get(), setup.codec())
            .completions(setup.completions().get());
    return AdaptedPool.of(NAME, setup.parts().apply(builder).start(), Optional.empty());
  }
}
