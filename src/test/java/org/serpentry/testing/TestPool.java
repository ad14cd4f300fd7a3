// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonType;
import org.serpentry.api.WorkerState;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.PoolSnapshot.SlotView;
import org.serpentry.pool.WorkerPool;

/**
 * A real pool for tests: a launcher, a template and workers, started in a fraction of a second.
 * {@link #faults} strikes its workers, {@link #watcher} waits for what happens. Any thread may
 * call; {@link #close} ends the pool and every process of it.
 *
 * <pre>{@code
 * try (TestPool pool = TestPool.builder().size(2).modules(Path.of("src/main/python")).start()) {
 *   pool.faults().next(Moment.MID_REPLY, Fault.exit(9));
 *   assertThrows(WorkerCrashedException.class, () -> pool.function("reviews:score").call());
 *   pool.awaitWhole();
 * }
 * }</pre>
 */
public final class TestPool implements AutoCloseable {

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final Set<WorkerState> SERVING = EnumSet.of(WorkerState.READY, WorkerState.BUSY);

  private final WorkerPool pool;
  private final PoolWatcher watcher;
  private final Faults faults;
  private final TestFiles files;

  TestPool(WorkerPool pool, PoolWatcher watcher, Faults faults, TestFiles files) {
    this.pool = pool;
    this.watcher = watcher;
    this.faults = faults;
    this.files = files;
  }

  /** A builder with one worker and the kit's own module. */
  public static TestPoolBuilder builder() {
    return new TestPoolBuilder();
  }

  /** The pool itself, which is what injected code gets as {@code PythonPool}. */
  public WorkerPool pool() {
    return pool;
  }

  /** Hears everything that the pool tells, from its beginning. */
  public PoolWatcher watcher() {
    return watcher;
  }

  /** Strikes its workers. */
  public Faults faults() {
    return faults;
  }

  /**
   * Calls a function of the modules given, or of the kit's module {@code serpentry_faults}: {@code
   * token(value, seconds)}, {@code token_async(value, seconds)}, {@code pid()}, {@code
   * hang(cancellable, terminable)}, {@code spin(seconds)}, {@code die(status)}, {@code segfault()},
   * {@code freeze()}, {@code leak(size)}, {@code bomb(size)}, {@code flood(size)}.
   *
   * @param target {@code module:function}
   */
  public PythonFunction function(String target) {
    return pool.function(target);
  }

  /** The pool as it is now. */
  public PoolSnapshot snapshot() {
    return pool.control().snapshot();
  }

  /**
   * The process that serves a slot now.
   *
   * @param slot the slot's number
   * @throws java.util.NoSuchElementException when there is no such slot
   */
  public int pid(int slot) {
    return snapshot().workers().stream()
        .filter(worker -> worker.slot() == slot)
        .mapToInt(SlotView::pid)
        .findFirst()
        .orElseThrow();
  }

  /**
   * Waits until the pool has as many workers as it keeps and each of them has answered a call.
   *
   * @return their processes
   * @throws AssertionError when that does not come about within 30 s
   */
  public Set<Integer> awaitWhole() {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (System.nanoTime() - end < 0) {
      int mark = watcher.mark();
      PoolSnapshot now = snapshot();
      if (!whole(now)) {
        watcher.awaitAfter(mark, Object.class, any -> true);
        continue;
      }
      // A lease is no event: whoever is still in one answers after it.
      Set<Integer> pids = now.workers().stream().map(SlotView::pid).collect(Collectors.toSet());
      if (answering(now.size()).containsAll(pids)) {
        return pids;
      }
    }
    throw new AssertionError("the pool does not become whole: " + snapshot());
  }

  private static boolean whole(PoolSnapshot now) {
    return now.fault().isEmpty()
        && now.workers().size() == now.size()
        && now.workers().stream().allMatch(w -> SERVING.contains(w.state()));
  }

  private Set<Integer> answering(int size) {
    List<CompletableFuture<Map<String, Object>>> calls = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      // Long enough that each of them needs a worker of its own.
      calls.add(function(Faults.MODULE + ":token").args(i, 0.05).callAsync(new PythonType<>() {}));
    }
    Set<Integer> pids = new HashSet<>();
    for (CompletableFuture<Map<String, Object>> call : calls) {
      Map<String, Object> answer =
          call.orTimeout(PATIENCE_NANOS, TimeUnit.NANOSECONDS).exceptionally(e -> null).join();
      if (answer != null) { // A worker that does not answer is being replaced, or will be.
        pids.add(((Number) answer.get("pid")).intValue());
      }
    }
    return pids;
  }

  @Override
  public void close() {
    try (files) {
      pool.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the files of a pool for tests cannot be deleted", e);
    }
  }
}
