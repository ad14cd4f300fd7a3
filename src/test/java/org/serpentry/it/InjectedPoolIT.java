// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.inject.Inject;
import java.util.Map;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.serpentry.api.PoolName;
import org.serpentry.api.PythonPool;

/** Injection of pools, and what crosses between Java and Python on a real server. */
@Tag("layer-2")
@ExtendWith(ArquillianExtension.class)
class InjectedPoolIT {
  @Inject PythonPool first;

  @Inject
  @PoolName("second")
  PythonPool second;

  @Deployment
  static WebArchive war() {
    return PoolWars.main(
        "injected.war",
        Map.of(
            "serpentry.pools",
            "first,second",
            "serpentry.pool.second.fault-tolerance",
            "core",
            "serpentry.pool.second.size",
            "1"));
  }

  @Test
  void theFirstPoolIsTheDefaultOne() {
    assertThat(first.name()).isEqualTo("first");
    assertThat(first.function("faulty:add").args(2, 3).call(Integer.class)).isEqualTo(5);
  }

  @Test
  void aPoolIsInjectedByItsName() {
    assertThat(second.name()).isEqualTo("second");
    assertThat(second.function("faulty:add").args(2, 3).call(Integer.class)).isEqualTo(5);
  }

  @Test
  void modulesInDirectoriesBelowAreFound() {
    assertThat(first.function("nested.inner:where").call(String.class)).isEqualTo("nested.inner");
  }

  @Test
  void asynchronousCallsEndInTheirResult() {
    assertThat(first.function("faulty:add").args(2, 3).callAsync(Integer.class).join())
        .isEqualTo(5);
    assertThat(second.function("faulty:add").args(2, 3).callAsync(Integer.class).join())
        .isEqualTo(5);
  }
}
