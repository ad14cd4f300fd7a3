// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.PythonType;

@Tag("core-pool")
@Tag("layer-2")
class WorkerPoolTest {

  @Test
  void servesRealPython() {
    try (WorkerPool pool = TestPools.start(TestPools.config().build())) {
      assertThat(pool.function("faulty:add").args(2, 3).call(Integer.class)).isEqualTo(5);
      assertThat(pool.function("serpentry:ping").call(new PythonType<Map<String, Object>>() {}))
          .containsEntry("status", "ok");
    }
  }
}
