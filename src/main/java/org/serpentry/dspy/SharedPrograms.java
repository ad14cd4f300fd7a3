// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.lang.ref.WeakReference;
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
    Clock clock)
    implements AutoCloseable {

  private static final int NESTING = 128;

  /**
   * The programs of a pool.
   *
   * @param pool runs them
   * @param store keeps them
   * @param model the language model to begin with
   * @throws Refusal when that model cannot be
   */
  static SharedPrograms of(PythonPool pool, ProgramStore store, ModelConfig model) {
    LmVersions models = new LmVersions();
    ConfiguredLm configured = new ConfiguredLm(pool.name(), model, models, System::nanoTime);
    // NaN may come from a pool that allows it, and then must pass on.
    JsonbCodec codec = JsonbCodec.create(true, NESTING);
    return new SharedPrograms(
        pool,
        store,
        models,
        configured,
        codec,
        new ProgramWire(codec),
        new ProgramCounts(System::nanoTime),
        Clock.systemUTC());
  }

  /** Has what belongs to sessions end with them, for as long as anybody uses these programs. */
  void endWith(PoolSessions sessions) {
    WeakReference<SharedPrograms> those = new WeakReference<>(this);
    sessions.whenEnded(
        session -> {
          SharedPrograms programs = those.get();
          if (programs == null) {
            return false;
          }
          programs.store().deleteSession(session);
          programs.models().forget(session);
          return true;
        });
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
