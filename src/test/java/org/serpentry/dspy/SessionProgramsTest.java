// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonSession;
import org.serpentry.api.Service;
import org.serpentry.session.SessionIds;
import org.serpentry.testing.TestPool;

/** Programs of sessions on real workers, and the language model of the settings. */
@Tag("layer-2")
class SessionProgramsTest {
  private static final Path MODULES = Path.of("python", "tests", "modules").toAbsolutePath();

  /** The stand-in wants the key that the name says. */
  private static final String MODEL = "openai/keyed-good";

  @TempDir private static Path directory;

  private static ModelEndpoint endpoint;
  private static TestPool pool;
  private static Path keyFile;

  private final DspyPrograms dspy =
      DspyPrograms.of(
          pool.pool(),
          ProgramStore.in(pool.pool().sessions().store(), pool.pool().sessions().prefix()));
  private final String id = "user-" + UUID.randomUUID();
  private final DspyPrograms mine = dspy.inSession(id);

  /** What {@code conversing:look} tells. */
  public record Seen(State state, int pid) {}

  /** What {@code conversing:add} leaves. */
  public record State(Integer count) {}

  @BeforeAll
  static void start() throws Exception {
    endpoint = ModelEndpoint.start();
    keyFile = Files.writeString(directory.resolve("key"), "good");
    pool =
        TestPool.builder()
            .size(2)
            .modules(MODULES)
            .interpreter(DspyPython.interpreter())
            .settings(
                c ->
                    c.preload(List.of("serpentry.programs.runtime"))
                        .healthCheckInterval(
                            Duration.ZERO) // A probe would take a session's worker.
                        .model(
                            m ->
                                m.model(MODEL)
                                    .apiBase(endpoint.address())
                                    .apiKeyFile(keyFile)
                                    .retries(0)))
            .start();
  }

  @AfterAll
  static void stop() throws Exception {
    try (ModelEndpoint ending = endpoint) {
      pool.close();
    }
  }

  private static ProgramDefinition.Builder qa(String program) {
    return ProgramDefinition.named(program).input("question", "string").output("answer", "string");
  }

  private static Map<String, Object> ask(String text) {
    return Map.of("question", text);
  }

  private PythonSession session() {
    return pool.pool().session(id);
  }

  private LmConfig model(String name) {
    return LmConfig.model("openai/" + name).apiBase(endpoint.address()).build();
  }

  @Test
  void theModelOfTheSettingsIsInForceFromTheBeginning() {
    mine.createProgram(qa("qa").build());

    assertThat(mine.execute("qa", ask("x")).model()).isEqualTo(MODEL);
  }

  @Test
  void aKeyThatChangesInItsFileReachesEveryWorkerAndTheOldOneIsUsedNoMore() throws Exception {
    dspy.createProgram(qa(id).build());
    assertThat(answersOf(8)).doesNotContain("auth");

    Files.writeString(keyFile, "bad");
    awaitAnswer("auth");
    assertThat(answersOf(8)).as("on whichever worker").containsOnly("auth");
    Files.writeString(keyFile, "good");
    awaitAnswer("ok");

    assertThat(answersOf(8)).containsOnly("ok");
    dspy.delete(id);
  }

  /** Of so many executions at once: how the endpoint refused them, or {@code ok}. */
  private List<String> answersOf(int executions) {
    return IntStream.range(0, executions)
        .mapToObj(i -> dspy.executeAsync(id, ask("n" + i)))
        .toList()
        .stream()
        .map(
            call ->
                call.handle(
                        (done, failure) ->
                            failure == null
                                ? "ok"
                                : ((DspyException) failure).lmReason().orElseThrow())
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join())
        .toList();
  }

  /** The file is looked at once a second at most, while programs run. */
  private void awaitAnswer(String wanted) {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (!answersOf(1).contains(wanted)) {
      assertThat(System.nanoTime() - end).as("the file has been looked at").isNegative();
    }
  }

  @Test
  void executionsOfASessionRunWhereItLivesAndItsToolsSeeItsState() {
    mine.createProgram(qa("agent").kind(ProgramKind.REACT).tools("conversing:add").build());
    long moved = pool.snapshot().sessions().moved();
    int slot = session().info().orElseThrow().slot();

    for (int i = 0; i < 3; i++) {
      assertThat(mine.execute("agent", ask("n" + i)).outputs()).containsKey("trajectory");
    }
    assertThat(session().info().orElseThrow().slot()).isEqualTo(slot);
    assertThat(pool.snapshot().sessions().moved()).isEqualTo(moved);
    assertThat(mine.executeAsync("agent", ask("later"))).succeedsWithin(60, TimeUnit.SECONDS);
    Seen seen = session().function("conversing:look").call(Seen.class);
    assertThat(seen.state().count()).as("each execution called the tool once").isEqualTo(4);
  }

  @Test
  void executionsOfOneSessionFollowEachOther() {
    mine.createProgram(qa("agent").kind(ProgramKind.REACT).tools("conversing:add").build());

    List<CompletableFuture<Execution>> calls =
        IntStream.range(0, 8).mapToObj(i -> mine.executeAsync("agent", ask("n" + i))).toList();

    calls.forEach(call -> assertThat(call).succeedsWithin(60, TimeUnit.SECONDS));
    Seen seen = session().function("conversing:look").call(Seen.class);
    assertThat(seen.state().count()).as("no update is lost").isEqualTo(8);
  }

  @Test
  void aStreamOfASessionSeesItsStateAndEndsItsTurn() {
    mine.createProgram(qa("agent").kind(ProgramKind.REACT).tools("conversing:add").build());
    for (int round = 0; round < 2; round++) {
      try (Stream<ProgramPiece> pieces = mine.stream("agent", ask("Why is that so?"))) {
        List<ProgramPiece> all = pieces.toList();
        assertThat(all.get(all.size() - 1).result()).isPresent();
      }
    }

    Seen seen = session().function("conversing:look").call(Seen.class);
    assertThat(seen.state().count()).as("each stream called the tool once").isEqualTo(2);
  }

  @Test
  void theProgramsAndTheModelOfASessionEndWithIt() {
    String shared = "shared-" + id;
    dspy.createProgram(qa(shared).build());
    mine.createProgram(qa("own").build());
    mine.configureLm(model("own"));
    assertThat(mine.execute(shared, ask("x")).model()).isEqualTo("openai/own");

    assertThat(session().end()).isTrue();

    assertThat(mine.list().totalCount()).isZero();
    DspyException gone =
        catchThrowableOfType(DspyException.class, () -> mine.execute("own", ask("x")));
    assertThat(gone.problem()).isEqualTo(DspyProblem.SESSION_NOT_FOUND);
    assertThat(mine.execute(shared, ask("x")).model()).isEqualTo(MODEL);
    dspy.delete(shared);
  }

  @Test
  void aModelOfASessionThatNeverCallsEndsWithItToo() {
    mine.configureLm(model("own"));
    assertThat(session().info()).as("which begins by it").isPresent();

    assertThat(session().end()).isTrue();

    mine.createProgram(qa("qa").build());
    assertThat(mine.execute("qa", ask("x")).model()).isEqualTo(MODEL);
  }

  @Test
  void programsInMemoryEndWithTheirSessionToo() {
    DspyPrograms others = DspyPrograms.of(pool.pool());
    others.inSession(id).createProgram(qa("own").build());
    mine.createProgram(qa("own").build());

    assertThat(session().end()).isTrue();

    assertThat(others.inSession(id).list().totalCount()).isZero();
    assertThat(mine.list().totalCount()).isZero();
  }

  @Test
  void neitherDeathNorRecyclingNorAnotherHostLosesAProgram() {
    String shared = "shared-" + id;
    dspy.createProgram(qa(shared).build());
    mine.createProgram(qa("own").build());
    session().function("conversing:add").call();
    Runnable check =
        () -> {
          assertThat(mine.execute("own", ask("x")).outputs()).containsKey("answer");
          assertThat(dspy.execute(shared, ask("x")).outputs()).containsKey("answer");
          assertThat(session().function("conversing:look").call(Seen.class).state().count())
              .isEqualTo(1);
        };
    check.run();

    pool.snapshot().workers().forEach(w -> pool.pool().control().killWorker(w.slot()));
    pool.awaitWhole();
    check.run();
    assertThat(pool.pool().control().recycleWorkersOneByOne()).succeedsWithin(60, TimeUnit.SECONDS);
    check.run();

    DspyPrograms another =
        DspyPrograms.of(
            pool.pool(),
            ProgramStore.in(pool.pool().sessions().store(), pool.pool().sessions().prefix()));
    assertThat(another.inSession(id).execute("own", ask("x")).outputs()).containsKey("answer");
    assertThat(another.info(shared).definition().inputs()).hasSize(1);
    dspy.delete(shared);
    assertThat(
            catchThrowableOfType(DspyException.class, () -> another.execute(shared, ask("x")))
                .problem())
        .isEqualTo(DspyProblem.PROGRAM_NOT_FOUND);
  }

  @Test
  void programsBelongToTheCallerWhereSessionsDo() {
    ProgramStore store =
        ProgramStore.in(pool.pool().sessions().store(), pool.pool().sessions().prefix());
    DspyPrograms alices = DspyPrograms.of(new CallersPool("alice"), store).inSession(id);
    DspyPrograms bobs = DspyPrograms.of(new CallersPool("bob"), store).inSession(id);

    alices.createProgram(qa("own").build());

    assertThat(alices.info("own").sessionId()).contains("alice:" + id);
    assertThat(bobs.list().totalCount()).isZero();
    assertThat(bobs.createProgram(qa("own").build()).sessionId()).contains("bob:" + id);
    assertThat(bobs.cleanupSession(id)).isEqualTo(1);
    assertThat(alices.list().totalCount()).isEqualTo(1);
    assertThat(pool.pool().sessions().end("alice:" + id)).isTrue();
  }

  /** As an injected pool is with {@code session-scope=principal}. */
  private record CallersPool(String caller) implements PythonPool {
    @Override
    public String name() {
      return pool.pool().name();
    }

    @Override
    public Service service() {
      return pool.pool().service();
    }

    @Override
    public PythonFunction function(String target) {
      return pool.function(target);
    }

    @Override
    public PythonSession session(String id) {
      return pool.pool().session(pool.pool(), id, SessionIds.of(caller, id));
    }
  }
}
