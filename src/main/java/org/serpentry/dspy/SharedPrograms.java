// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.time.Clock;
import org.serpentry.api.PythonPool;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.ModelConfig;
import org.serpentry.pool.PoolSessions;

/** What all views of a pool's programs share. Any thread. */
record SharedPrograms(
    PythonPool pool,
    ProgramStore store,
    LmVersions models,
    ConfiguredLm configured,
    JsonbCodec codec,
    ProgramWire wire,
    ProgramCounts counts,
    Clock clock,
    Keeper keeper)
    implements AutoCloseable {

  private static final int NESTING = 128;

  /** Puts down what belongs to a session, so that it ends with it. */
  interface Keeper {
    void keep(String session, Runnable put);
  }

  /**
   * The programs of a pool.
   *
   * @param pool runs them
   * @param store keeps them
   * @param model the language model to begin with
   * @param sessions the pool's, or null when it has none whose end can be seen
   * @throws Refusal when that model cannot be
   */
  static SharedPrograms of(
      PythonPool pool, ProgramStore store, ModelConfig model, PoolSessions sessions) {
    LmVersions models = new LmVersions();
    ConfiguredLm configured = new ConfiguredLm(pool.name(), model, models, System::nanoTime);
    // NaN may come from a pool that allows it, and then must pass on.
    JsonbCodec codec = JsonbCodec.create(true, NESTING);
    SharedPrograms programs =
        new SharedPrograms(
            pool,
            store,
            models,
            configured,
            codec,
            new ProgramWire(codec),
            new ProgramCounts(System::nanoTime),
            Clock.systemUTC(),
            sessions == null ? (session, put) -> put.run() : sessions::keep);
    if (sessions != null) {
      sessions.whenEnded("language model and programs", programs, SharedPrograms::drop);
    }
    return programs;
  }

  /** Has what belongs to a session end with it. */
  private void drop(String session) {
    models.forget(session); // First: a store that fails must not keep its key.
    store.deleteSession(session);
  }

  /** Puts down what belongs to a session, or to all when that is null. */
  void keep(String session, Runnable put) {
    if (session == null) {
      put.run();
    } else {
      keeper.keep(session, put);
    }
  }

  /** The model that an execution begins with; null when there is none. */
  LmVersions.Numbered model(String session) {
    configured.look();
    return models.of(session);
  }

  @Override
  public void close() {
    codec.close();
    if (store instanceof StoredPrograms stored) {
      stored.close();
    }
  }
}
