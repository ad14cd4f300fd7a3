// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.BindingException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.PythonType;
import org.serpentry.original.Original;
import org.serpentry.testing.TestPool;

/** Programs on real workers, two of them, with DSPy and the stand-in. */
@Original("pool_v2")
@Tag("layer-2")
class DspyProgramsTest {
  private static final String KEY = "sk-the-key-of-this-test";
  private static final String ASKED = "[local stand-in, no language model] You asked: ";

  private static ModelEndpoint endpoint;
  private static TestPool pool;

  private final DspyPrograms dspy = DspyPrograms.of(pool.pool());

  record Question(String question) {}

  record Answer(String answer) {}

  record Count(int answer) {}

  @BeforeAll
  static void start() throws Exception {
    endpoint = ModelEndpoint.start();
    pool =
        TestPool.builder()
            .size(2)
            .interpreter(DspyPython.interpreter())
            .settings(c -> c.preload(List.of("serpentry.programs.runtime")))
            .start();
  }

  @AfterAll
  static void stop() throws Exception {
    try (ModelEndpoint ending = endpoint) {
      pool.close();
    }
  }

  private static LmConfig.Builder model(String name) {
    return LmConfig.model("openai/" + name).apiKey(KEY).apiBase(endpoint.address());
  }

  private static ProgramDefinition.Builder qa(String id) {
    return ProgramDefinition.named(id).input("question", "string").output("answer", "string");
  }

  private static Map<String, Object> ask(String text) {
    return Map.of("question", text);
  }

  @Test
  void aProgramRunsOnEveryWorkerAndAfterTheirDeath() {
    dspy.configureLm(model("stand-in").build());
    dspy.createProgram(qa("qa").build());
    for (int round = 0; round < 2; round++) {
      List<CompletableFuture<Execution>> calls =
          IntStream.range(0, 16).mapToObj(i -> dspy.executeAsync("qa", ask("n" + i))).toList();
      for (int i = 0; i < calls.size(); i++) {
        assertThat(calls.get(i)).succeedsWithin(60, TimeUnit.SECONDS);
        assertThat(calls.get(i).join().outputs()).isEqualTo(Map.of("answer", ASKED + "n" + i));
      }
      pool.snapshot().workers().forEach(w -> pool.pool().control().killWorker(w.slot()));
      pool.awaitWhole();
    }
    assertThat(dspy.info("qa").executionCount()).isEqualTo(32);
    assertThat(dspy.info("qa").lastExecuted()).isPresent();
  }

  @Test
  void aProgramAnswersInTheCallersTypes() {
    dspy.configureLm(model("stand-in").build());
    dspy.createProgram(qa("qa").build());
    dspy.createProgram(
        ProgramDefinition.named("count")
            .input("question", "string")
            .output("answer", "integer")
            .build());

    assertThat(dspy.program("qa", Answer.class).execute(new Question("Why?")))
        .isEqualTo(new Answer(ASKED + "Why?"));
    assertThat(dspy.program("count", Count.class).executeAsync(new Question("Why not?")))
        .succeedsWithin(60, TimeUnit.SECONDS)
        .isEqualTo(new Count(2));
    BindingException misfit =
        catchThrowableOfType(
            BindingException.class,
            () -> dspy.program("qa", Count.class).execute(new Question("Why?")));
    assertThat(misfit.direction()).isEqualTo(BindingException.Direction.RESULT);
  }

  @Test
  void usageComesWithEachExecutionAndIsSummedUp() {
    dspy.configureLm(model("stand-in").build());
    dspy.createProgram(qa("qa").kind(ProgramKind.CHAIN_OF_THOUGHT).build());

    Execution done = dspy.execute("qa", ask("Why?"));
    dspy.execute("qa", ask("Why not?"));

    assertThat(done.model()).isEqualTo("openai/stand-in");
    assertThat(done.outputs()).containsKeys("answer", "reasoning");
    assertThat(done.executionTime()).isPositive();
    assertThat(done.usage().lmCalls()).isEqualTo(1);
    assertThat(done.usage().cacheHits()).isZero();
    assertThat(done.usage().totalTokens())
        .isEqualTo(done.usage().promptTokens() + done.usage().completionTokens())
        .isPositive();
    DspyStats stats = dspy.stats();
    assertThat(stats.executionCount()).isEqualTo(2);
    assertThat(stats.usage().lmCalls()).isEqualTo(2);
    assertThat(stats.programsCount()).isEqualTo(1);
    assertThat(stats.errorCount()).isZero();
    assertThat(stats.worker()).containsEntry("dspy_available", true).containsKey("memory_usage");
  }

  @Test
  void aNewModelReachesEveryWorkerAndALaterOne() {
    dspy.createProgram(qa("qa").build());
    for (String name : List.of("first", "second")) {
      dspy.configureLm(model(name).build());
      List<CompletableFuture<Execution>> calls =
          IntStream.range(0, 16).mapToObj(i -> dspy.executeAsync("qa", ask("n" + i))).toList();
      for (CompletableFuture<Execution> call : calls) {
        assertThat(call).succeedsWithin(60, TimeUnit.SECONDS);
        assertThat(call.join().model()).isEqualTo("openai/" + name);
      }
    }
    pool.pool().control().killWorker(0);
    pool.awaitWhole();
    for (int i = 0; i < 8; i++) {
      assertThat(dspy.execute("qa", ask("n")).model()).isEqualTo("openai/second");
    }
  }

  @Test
  void modelsOfSeveralSetsOfOnePoolAreNotTakenForEachOther() {
    DspyPrograms others = DspyPrograms.of(pool.pool());
    for (DspyPrograms set : List.of(dspy, others)) {
      set.createProgram(qa("qa").build());
    }
    dspy.configureLm(model("mine").build());
    others.configureLm(model("theirs").build());

    for (int round = 0; round < 8; round++) { // on either worker
      assertThat(dspy.execute("qa", ask("n")).model()).isEqualTo("openai/mine");
      assertThat(others.execute("qa", ask("n")).model()).isEqualTo("openai/theirs");
    }
  }

  @Test
  void aRefusedModelLeavesTheOldOneInForce() {
    dspy.createProgram(qa("qa").build());
    dspy.configureLm(model("first").build());

    DspyException refused = failure(() -> dspy.configureLm(LmConfig.model("gpt-4o").build()));

    assertThat(refused.problem()).isEqualTo(DspyProblem.LM_SETTINGS);
    assertThat(refused.text()).isEqualTo("Unsupported provider/model combination: google/gpt-4o");
    assertThat(dspy.execute("qa", ask("n")).model()).isEqualTo("openai/first");
  }

  @Test
  void sessionsHaveTheirOwnProgramsAndModels() {
    DspyPrograms session = dspy.inSession("user-1");
    dspy.configureLm(model("global").build());
    dspy.createProgram(qa("shared").build());
    session.createProgram(qa("own").build());
    session.configureLm(model("own").build());

    assertThat(session.execute("shared", ask("x")).model()).isEqualTo("openai/own");
    assertThat(dspy.execute("shared", ask("x")).model()).isEqualTo("openai/global");
    assertThat(session.list().programs()).extracting(ProgramInfo::id).containsExactly("own");
    assertThat(dspy.list().totalCount()).isEqualTo(2);
    assertThat(dspy.inSession("user-2").list().totalCount()).isZero();
    assertThat(failure(() -> dspy.inSession("user-2").execute("own", ask("x"))).text())
        .isEqualTo("Session not found: user-2");
    assertThat(failure(() -> session.execute("none", ask("x"))).text())
        .isEqualTo("Program not found in session user-1: none");
    assertThat(dspy.cleanupSession("user-1")).isEqualTo(1);
    assertThat(dspy.list().totalCount()).isEqualTo(1);
    assertThat(dspy.cleanup()).isEqualTo(1);
  }

  @Test
  void theOriginalsMessagesAreTypedErrors() {
    dspy.createProgram(qa("qa").build());
    problem(DspyProblem.LM_NOT_LOADED, "No LM is loaded.", () -> dspy.execute("qa", ask("x")));
    problem(
        DspyProblem.DUPLICATE_PROGRAM,
        "Program with ID 'qa' already exists",
        () -> dspy.createProgram(qa("qa").build()));
    problem(
        DspyProblem.PROGRAM_ID_REQUIRED,
        "Program ID is required",
        () -> dspy.createProgram(qa("").build()));
    problem(
        DspyProblem.PROGRAM_ID_REQUIRED,
        "Program ID is required",
        () -> dspy.execute(null, ask("x")));
    problem(DspyProblem.PROGRAM_NOT_FOUND, "Program not found: x", () -> dspy.info("x"));
    problem(DspyProblem.PROGRAM_NOT_FOUND, "Program not found: x", () -> dspy.delete("x"));
    problem(
        DspyProblem.SIGNATURE,
        "Signature must have at least one output field",
        () -> dspy.createProgram(ProgramDefinition.named("y").input("a", "string").build()));
    problem(
        DspyProblem.SIGNATURE,
        "Field definition 0 in inputs must have a 'name'",
        () -> dspy.createProgram(ProgramDefinition.named("y").input("", "string").build()));
    problem(
        DspyProblem.SESSION_ID_REQUIRED,
        "Session ID required for cleanup",
        () -> dspy.cleanupSession(""));
    problem(
        DspyProblem.LM_SETTINGS,
        "API key is required",
        () -> dspy.configureLm(LmConfig.model("gemini-2.5-flash").build()));
    assertThat(dspy.list().totalCount()).isEqualTo(1);
    assertThat(dspy.stats().errorCount()).isEqualTo(10);
  }

  @Test
  void generatedCodeIsOffUnlessThePoolSwitchesItOn() {
    assertThat(
            failure(
                    () ->
                        dspy.createProgram(qa("pot").kind(ProgramKind.PROGRAM_OF_THOUGHT).build()))
                .problem())
        .isEqualTo(DspyProblem.GENERATED_CODE_OFF);
  }

  @Test
  void aStateIsSavedAndTakenBackAsJsonOnly() {
    dspy.configureLm(model("stand-in").build());
    dspy.createProgram(qa("first").build());
    String state = dspy.save("first");
    assertThat(state).startsWith("{").contains("\"demos\"", "\"dependency_versions\"");

    dspy.createProgram(qa("second").state(state).build());

    assertThat(dspy.execute("second", ask("x")).outputs()).containsKey("answer");
    for (String refused : List.of("gASVBQAAAAAAAACMAWGULg==", "[1]", "\u0080\u0004N.")) {
      assertThat(failure(() -> dspy.createProgram(qa("third").state(refused).build())).problem())
          .isEqualTo(DspyProblem.STATE_REFUSED);
    }
    assertThat(failure(() -> dspy.createProgram(qa("third").state("{\"x\": {}}").build())).text())
        .contains("the state is of another program");
  }

  @Test
  void failuresOfTheEndpointAreToldByKindAndWithoutTheKey() {
    dspy.createProgram(qa("qa").build());
    dspy.configureLm(model("rate-limit").retries(0).build());

    DspyException limited = failure(() -> dspy.execute("qa", ask("x")));

    assertThat(limited.problem()).isEqualTo(DspyProblem.LM_FAILED);
    assertThat(limited.lmReason()).contains("rate_limit");
    assertThat(limited.retryAfter()).contains(Duration.ofSeconds(1));
    dspy.configureLm(model("fail").retries(0).build());
    DspyException failed = failure(() -> dspy.execute("qa", ask("x")));
    assertThat(failed.lmReason()).contains("server");
    assertThat(failed.retryAfter()).isEmpty();
    dspy.configureLm(model("malformed").retries(0).build());
    assertThat(failure(() -> dspy.execute("qa", ask("x"))).problem())
        .isEqualTo(DspyProblem.MALFORMED_OUTPUT);
    for (Throwable shown = failed; shown != null; shown = shown.getCause()) {
      assertThat(shown.toString()).doesNotContain(KEY);
    }
    assertThat(pool.snapshot().toString()).doesNotContain(KEY);
    assertThat(pool.watcher().all(Object.class)).isNotEmpty().asString().doesNotContain(KEY);
  }

  @Test
  void cancellingAnExecutionFreesItsWorker() {
    dspy.createProgram(qa("qa").build());
    dspy.configureLm(model("stall-" + UUID.randomUUID()).retries(0).build());
    CompletableFuture<Execution> stalled = dspy.executeAsync("qa", ask("x"));
    while (pool.snapshot().workers().stream().noneMatch(w -> w.function().contains("execute"))) {
      Thread.onSpinWait();
    }

    assertThat(stalled.cancel(true)).isTrue();

    pool.awaitWhole();
    dspy.configureLm(model("stand-in").build());
    assertThat(dspy.execute("qa", ask("x")).outputs()).containsKey("answer");
  }

  @Test
  void textsComeAsTheyAreMadeAndTheResultAtTheEnd() {
    dspy.configureLm(model("stand-in").build());
    dspy.createProgram(qa("qa").kind(ProgramKind.CHAIN_OF_THOUGHT).build());
    for (int round = 0; round < 4; round++) { // on either worker, which lacks both at first
      List<ProgramPiece> pieces;
      try (Stream<ProgramPiece> stream = dspy.stream("qa", ask("Why is that so?"))) {
        pieces = stream.toList();
      }

      Execution result = pieces.get(pieces.size() - 1).result().orElseThrow();
      assertThat(result.outputs()).containsEntry("answer", ASKED + "Why is that so?");
      assertThat(result.usage().lmCalls()).isEqualTo(1);
      assertThat(pieces.stream().filter(p -> p.field().equals("answer"))).hasSizeGreaterThan(3);
      for (String field : List.of("answer", "reasoning")) {
        assertThat(
                pieces.stream()
                    .filter(p -> p.field().equals(field))
                    .map(ProgramPiece::text)
                    .collect(Collectors.joining())
                    .strip())
            .isEqualTo(result.outputs().get(field));
      }
    }
    assertThat(dspy.info("qa").executionCount()).isEqualTo(4);
    assertThat(dspy.stats().usage().lmCalls()).isEqualTo(4);
  }

  @Test
  void aStreamFailsAsAnExecutionDoesAndAStalledOneIsGivenUp() {
    dspy.createProgram(qa("qa").build());
    dspy.configureLm(model("rate-limit").retries(0).build());
    DspyException limited = failure(() -> dspy.stream("qa", ask("x")).forEach(piece -> {}));
    assertThat(limited.lmReason()).contains("rate_limit");
    assertThat(limited.retryAfter()).contains(Duration.ofSeconds(1));
    assertThat(failure(() -> dspy.stream("none", ask("x"))).problem())
        .isEqualTo(DspyProblem.PROGRAM_NOT_FOUND);

    dspy.configureLm(model("stall-" + UUID.randomUUID()).retries(0).build());
    dspy.createProgram(qa("slow").timeout(Duration.ofMillis(500)).build());
    assertThatExceptionOfType(CallTimeoutException.class)
        .isThrownBy(() -> dspy.stream("slow", ask("x")).toList());
    try (Stream<ProgramPiece> closed = dspy.stream("qa", ask("x"))) {
      assertThat(closed).isNotNull();
    }

    pool.awaitWhole();
    dspy.configureLm(model("stand-in").build());
    assertThat(dspy.stream("qa", ask("x")).reduce((a, b) -> b).orElseThrow().result()).isPresent();
  }

  @Test
  void aWorkerTakesItsLeaveOnShutdownAndIsReplaced() {
    Map<String, Object> told = pool.function("serpentry:shutdown").call(new PythonType<>() {});

    assertThat(told).containsEntry("status", "shutting_down").containsKey("worker_id");
    pool.awaitWhole();
  }

  private static DspyException failure(Runnable action) {
    DspyException failure = catchThrowableOfType(DspyException.class, action::run);
    assertThat(failure).as("a DspyException").isNotNull();
    return failure;
  }

  private static void problem(DspyProblem problem, String text, Runnable action) {
    DspyException failure = failure(action);
    assertThat(failure.problem()).isEqualTo(problem);
    assertThat(failure.text()).isEqualTo(text);
    assertThat(failure.type()).isEqualTo(problem.type());
  }
}
