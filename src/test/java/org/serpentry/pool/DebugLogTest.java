// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.testing.PoolWatcher;

/** The debug log of the Python side: told when asked for, and never with a secret. */
@Tag("core-pool")
@Tag("layer-3")
class DebugLogTest {

  private static final String SECRET = "s3cr3t-value";

  private static List<Object> messages(PoolWatcher watcher) {
    return watcher.all(PoolWatcher.Logged.class).stream()
        .flatMap(logged -> logged.records().stream())
        .map(record -> record.get("message"))
        .toList();
  }

  private static void awaitMessage(PoolWatcher watcher, String part) {
    watcher.await(
        PoolWatcher.Logged.class,
        logged ->
            logged.records().stream()
                .map(record -> String.valueOf(record.get("message")))
                .anyMatch(message -> message.contains(part)));
  }

  @Test
  void tellsOfCallsAndOfLibrariesButOfNoSecret() {
    PoolWatcher watcher = new PoolWatcher();
    try (WorkerPool pool =
        TestPools.builder(
                TestPools.config()
                    .environment("SERVICE_API_KEY", "key-in-the-environment")
                    .services(s -> s.debugLog(true))
                    .build())
            .listener(watcher)
            .start()) {
      pool.function("faulty:echo").args(Map.of("password", SECRET)).call();
      pool.function("faulty:log").args("Authorization: Bearer " + SECRET, 10).call();
      pool.function("faulty:log").args("with key-in-the-environment", 10).call();
      pool.function("faulty:log").args("the last one", 10).call();

      awaitMessage(watcher, "the last one");
      assertThat(messages(watcher))
          .contains("faulty:echo begins", "Authorization: Bearer ***", "with ***", "the last one")
          .anyMatch(message -> message.toString().startsWith("faulty:echo returned dict after"))
          .noneMatch(message -> message.toString().contains(SECRET))
          .noneMatch(message -> message.toString().contains("key-in-the-environment"));
    }
  }

  @Test
  void isSilentUnlessAskedFor() {
    PoolWatcher watcher = new PoolWatcher();
    try (WorkerPool pool =
        TestPools.builder(TestPools.config().build()).listener(watcher).start()) {
      pool.function("faulty:log").args("detail", 10).call();
      pool.function("faulty:log").args("information token=" + SECRET, 20).call();

      awaitMessage(watcher, "information");
      assertThat(messages(watcher)).containsExactly("information token=***");
    }
  }
}
