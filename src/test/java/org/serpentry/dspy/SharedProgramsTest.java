// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.PythonPoolException;
import org.serpentry.mock.MockPool;
import org.serpentry.pool.TestPools;
import org.serpentry.pool.WorkerPool;
import org.serpentry.session.FaultyStore;
import org.serpentry.session.MemorySessionStore;
import org.serpentry.spi.SessionStore;

/** Programs and models that several share: pools on one store, threads, a session that ends. */
@Tag("layer-2")
class SharedProgramsTest {
  private static final int THREADS = 8;

  private final SessionStore states =
      new MemorySessionStore(System::nanoTime, Duration.ofHours(1), 1 << 20);

  private static ProgramDefinition program(String id) {
    return ProgramDefinition.named(id).input("question", "string").output("a", "string").build();
  }

  @Test
  void ofTwoPoolsOnOneStoreExactlyOneThreadCreatesAProgramOfAName() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (MockPool one = MockPool.named("ml");
        MockPool other = MockPool.named("ml")) {
      List<DspyPrograms> servers =
          List.of(
              DspyPrograms.of(one, ProgramStore.in(states, "shop/ml/")),
              DspyPrograms.of(other, ProgramStore.in(states, "shop/ml/")));
      for (int round = 0; round < 20; round++) {
        ProgramDefinition definition = program("p" + round);
        CyclicBarrier together = new CyclicBarrier(THREADS);
        List<Future<DspyProblem>> all = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
          DspyPrograms mine = servers.get(i % 2);
          all.add(
              threads.submit(
                  () -> {
                    together.await(60, TimeUnit.SECONDS);
                    try {
                      assertThat(mine.createProgram(definition).id()).isEqualTo(definition.id());
                      return null;
                    } catch (DspyException e) {
                      return e.problem();
                    }
                  }));
        }
        List<DspyProblem> problems = new ArrayList<>();
        for (Future<DspyProblem> each : all) {
          problems.add(each.get());
        }
        assertThat(problems)
            .containsOnly(null, DspyProblem.DUPLICATE_PROGRAM)
            .containsOnlyOnce((DspyProblem) null);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void changesOfTheModelThatMeetAreBothThere() throws Exception {
    try (MockPool pool = MockPool.named("ml");
        PoolPrograms programs = PoolPrograms.of(pool, new MemoryProgramStore(1), null)) {
      programs.configureLm(LmConfig.model("openai/a").apiKey("old").build());

      LmConfig last =
          programs.changeLm(
              before -> {
                if (before.key().equals("old")) { // Another operator is faster, once.
                  programs.changeLm(now -> now.with(null, null, "new"));
                }
                return before.with(null, "http://moved", null);
              });

      assertThat(programs.models().of(null).settings()).isSameAs(last);
      assertThat(last.endpoint()).isEqualTo("http://moved");
      assertThat(last.key()).isEqualTo("new");
    }
  }

  @Test
  void aStoreThatFailsAtTheEndOfASessionKeepsNeitherItsKeyNorWhatCannotBeRead() {
    FaultyStore faulty = new FaultyStore(states);
    try (WorkerPool pool =
        TestPools.builder(TestPools.config().build())
            .sessionStore(faulty.store(), "shop/test/")
            .start()) {
      PoolPrograms programs =
          PoolPrograms.of(pool, ProgramStore.in(faulty.store(), "shop/test/"), pool);
      pool.sessions().keep("s", () -> {});
      programs.models().publish(programs.models().number("s", LmConfig.model("a").build()));
      states.create("shop/test/\u001fprograms/s", new byte[] {'?'});
      states.create("shop/test/s", new byte[] {'{', '}'});
      faulty.fail("delete shop/test/\u001f");

      assertThatThrownBy(() -> pool.session("s").end())
          .isInstanceOf(PythonPoolException.class)
          .hasMessageContaining("language model and programs");

      assertThat(programs.models().all()).as("with their keys").isEmpty();
      assertThat(states.list()).as("the state is gone").hasSize(1);
      faulty.heal();
      assertThat(pool.session("s").end()).isTrue();
      assertThat(states.list()).isEmpty();
      assertThat(programs.inSession("s").list().totalCount()).isZero();
    }
  }
}
