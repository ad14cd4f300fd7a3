// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonType;
import org.serpentry.config.PoolConfigBuilder;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.testing.Processes;
import org.serpentry.worker.Worker;

/** A running pool with a watcher attached from its beginning, and what fault tests do with it. */
public final class WatchedPool implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 30;

  private final PoolWatcher watcher;
  private final WorkerPool pool;

  private WatchedPool(WorkerPool pool, PoolWatcher watcher) {
    this.pool = pool;
    this.watcher = watcher;
  }

  /** Starts a pool of this size, neither more nor less, with further settings. */
  public static WatchedPool start(int size, UnaryOperator<PoolConfigBuilder> settings) {
    return start(size, settings, builder -> builder);
  }

  /** As above, with further parts. */
  public static WatchedPool start(
      int size, UnaryOperator<PoolConfigBuilder> settings, UnaryOperator<PoolBuilder> parts) {
    PoolConfigBuilder config = TestPools.config().size(size).maxSize(size);
    return start(TestPools.builder(settings.apply(config).build()), parts);
  }

  /** Starts a pool on further code directories. */
  public static WatchedPool start(
      int size, UnaryOperator<PoolConfigBuilder> settings, Path... roots) {
    PoolConfigBuilder config = TestPools.config().size(size).maxSize(size);
    return start(TestPools.builder(settings.apply(config).build(), roots), builder -> builder);
  }

  static WatchedPool start(PoolBuilder builder, UnaryOperator<PoolBuilder> parts) {
    PoolWatcher watcher = new PoolWatcher();
    return new WatchedPool(parts.apply(builder.listener(watcher)).start(), watcher);
  }

  public WorkerPool pool() {
    return pool;
  }

  public PoolWatcher watcher() {
    return watcher;
  }

  public PythonFunction function(String target) {
    return pool.function(target);
  }

  public PoolSnapshot snapshot() {
    return pool.control().snapshot();
  }

  /** The process that serves a slot now. */
  public int pid(int slot) {
    return snapshot().workers().stream()
        .filter(w -> w.slot() == slot)
        .findFirst()
        .orElseThrow()
        .pid();
  }

  /** What a listener has been told of may not yet have been carried out to its end. */
  private void awaitCarriedOut() {
    CompletableFuture<Void> carriedOut = new CompletableFuture<>();
    pool.context().reactor().execute(() -> carriedOut.complete(null));
    carriedOut.join();
  }

  /**
   * Leases as many workers as the pool keeps, all at once, and has each answer a ping: the proof
   * that it is back at its size. Waits in the pool's own queue for those not there yet.
   */
  public Set<Integer> assertWhole() {
    awaitCarriedOut();
    int size = snapshot().size();
    List<Worker> leased = new ArrayList<>();
    try {
      for (int i = 0; i < size; i++) {
        leased.add(lease());
      }
    } finally {
      leased.forEach(pool::giveBack);
    }
    Set<Integer> pids = new HashSet<>();
    leased.forEach(worker -> pids.add(worker.pid()));
    assertThat(pids).hasSize(size).allMatch(Processes::alive);
    for (int i = 0; i < size; i++) {
      assertThat(function("serpentry:ping").call(new PythonType<Map<String, Object>>() {}))
          .containsEntry("status", "ok");
    }
    awaitCarriedOut();
    assertThat(snapshot().workers()).hasSize(size);
    assertThat(snapshot().fault()).isEmpty();
    return pids;
  }

  /** Leases a worker as a call does, without calling anything; to be given back. */
  public Worker lease() {
    // Waits in real time, whatever clock the pool has.
    CompletableFuture<Void> settled = new CompletableFuture<>();
    Waiter waiter =
        new Waiter.Queued(pool.context().nanoTime().getAsLong(), () -> settled.complete(null));
    assertThat(pool.checkout().enqueue(waiter)).isTrue();
    settled.completeOnTimeout(null, PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    Object outcome = waiter.outcome();
    if (outcome instanceof RuntimeException failure) {
      throw failure;
    }
    assertThat(outcome).as("%s", pool.control().counts()).isInstanceOf(Worker.class);
    return (Worker) outcome;
  }

  @Override
  public void close() {
    pool.close();
  }
}
