// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing.junit;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.serpentry.adapter.AdaptedPool;
import org.serpentry.adapter.AdapterChoice;
import org.serpentry.api.PythonPool;
import org.serpentry.mock.MockScript;
import org.serpentry.pool.WorkerPool;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.testing.TestPool;

/**
 * The open pool of a test class, or of one test, and all that belongs to it.
 *
 * @param choice what stands behind it
 * @param pool the pool
 * @param script what answers, or null
 * @param workers the workers' pool, or null
 * @param watcher hears what it tells, or null
 * @param kit the pool of real workers, or null
 * @param closing ends it
 */
record OpenPool(
    AdapterChoice choice,
    PythonPool pool,
    MockScript script,
    WorkerPool workers,
    PoolWatcher watcher,
    TestPool kit,
    Runnable closing) {

  private static final Map<Class<?>, String> WANTED =
      Map.of(
          PythonPool.class, "",
          AdapterChoice.class, "",
          MockScript.class, "scripts its answers, which real Python does not let it",
          WorkerPool.class, "wants a pool of workers, which the mock adapter has not",
          PoolWatcher.class, "watches workers, which the mock adapter has not",
          TestPool.class, "wants real workers");

  static OpenPool of(AdapterChoice choice, AdaptedPool open, PoolWatcher watcher, Runnable more) {
    return new OpenPool(
        choice,
        open.pool(),
        open.script().orElse(null),
        open.workers().orElse(null),
        open.workers().isPresent() ? watcher : null,
        null,
        () -> {
          open.close();
          more.run();
        });
  }

  static OpenPool of(AdapterChoice choice, TestPool kit) {
    return new OpenPool(choice, kit.pool(), null, kit.pool(), kit.watcher(), kit, kit::close);
  }

  /** Whether this is a type of what can belong to a pool. */
  static boolean knows(Class<?> type) {
    return WANTED.containsKey(type);
  }

  /** Why a test that wants this type cannot run here, or empty. */
  Optional<String> lacks(Class<?> type) {
    return get(type) != null
        ? Optional.empty()
        : Optional.of(
            "%s, and this one runs with %s; choose another test mode, or @OnLayer"
                .formatted("it " + WANTED.get(type), choice));
  }

  Object get(Class<?> type) {
    for (Object part : java.util.Arrays.asList(pool, choice, script, workers, watcher, kit)) {
      if (type.isInstance(part)) {
        return part;
      }
    }
    return null;
  }

  /** What has been told since a mark. */
  PythonLog log(int mark) {
    List<Object> events = watcher == null ? List.of() : watcher.settledAfter(mark);
    return PythonLog.of(pool.name(), events);
  }

  int mark() {
    return watcher == null ? 0 : watcher.mark();
  }

  void close() {
    closing.run();
  }
}
