// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.serpentry.api.PythonType;

/**
 * Callers that call until told to stop, each checking that the answer is its own; closing it fails
 * when one of them has met any failure.
 */
final class Load implements AutoCloseable {

  private static final PythonType<Map<String, Object>> OBJECT = new PythonType<>() {};

  private final AtomicBoolean stop = new AtomicBoolean();
  private final List<CompletableFuture<Integer>> callers = new ArrayList<>();

  Load(WatchedPool pool, int threads) {
    for (int t = 0; t < threads; t++) {
      CompletableFuture<Integer> result = new CompletableFuture<>();
      callers.add(result);
      String name = "caller " + t;
      new Thread(() -> run(pool, name, result)).start();
    }
  }

  private void run(WatchedPool pool, String name, CompletableFuture<Integer> result) {
    int calls = 0;
    try {
      for (; !stop.get(); calls++) {
        String token = name + " call " + calls;
        assertThat(pool.function("pooled:token").args(token, 0.002).call(OBJECT))
            .containsEntry("token", token);
      }
      result.complete(calls);
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
  }

  @Override
  public void close() {
    stop.set(true);
    callers.forEach(c -> assertThat(c.orTimeout(30, TimeUnit.SECONDS).join()).isPositive());
  }
}
