// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.serpentry.api.PoolName;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonSession;
import org.serpentry.dspy.DspyException;
import org.serpentry.dspy.DspyProblem;
import org.serpentry.dspy.DspyPrograms;
import org.serpentry.dspy.LmConfig;
import org.serpentry.dspy.ModelEndpoint;
import org.serpentry.dspy.ProgramDefinition;
import org.serpentry.dspy.ProgramKind;
import org.serpentry.dspy.ProgramPiece;

/** DSPy programs injected on a real server, with the environment that the examples have. */
@Tag("layer-3")
@ExtendWith(ArquillianExtension.class)
class DspyIT {
  private static final String ENDPOINT = "itest.lm.endpoint";

  private static ModelEndpoint endpoint;

  @Inject DspyPrograms dspy;
  @Inject DspyPrograms again;

  @Inject
  @PoolName("ml")
  DspyPrograms ml;

  @Inject
  @PoolName("ml")
  PythonPool pool;

  @Inject
  @PoolName("default")
  DspyPrograms byName;

  /** What a program is asked. */
  public record Question(String question) {}

  /** What it answers. */
  public record Answer(String answer, String reasoning) {}

  @Deployment
  static WebArchive war() throws IOException {
    endpoint = ModelEndpoint.start();
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("mp.config.profile", "development");
    settings.put("serpentry.pools", "default,ml");
    settings.put(ENDPOINT, endpoint.address());
    for (String pool : new String[] {"default", "ml"}) {
      String prefix = "serpentry.pool." + pool + ".";
      settings.put(
          prefix + "requirements",
          Path.of("python", "examples", "requirements.lock").toAbsolutePath().toString());
      settings.put(prefix + "preload", "serpentry.programs.runtime");
      settings.put(prefix + "start-timeout", "300s");
    }
    settings.put("serpentry.pool.ml.lm-model", "openai/keyed-word");
    settings.put("serpentry.pool.ml.lm-api-base", endpoint.address());
    settings.put("serpentry.pool.ml.lm-api-key", "word");
    return PoolWars.main("dspy.war", settings)
        .addClasses(ModelEndpoint.class)
        .addAsWebInfResource(
            Path.of("python", "tests", "modules", "conversing.py").toFile(),
            "python/conversing.py");
  }

  @AfterAll
  static void stopEndpoint() throws IOException {
    if (endpoint != null) { // It is there outside the server only.
      endpoint.close();
    }
  }

  private static LmConfig model(String name) {
    return LmConfig.model("openai/" + name)
        .apiKey("sk-the-key-of-this-test")
        .apiBase(ConfigProvider.getConfig().getValue(ENDPOINT, String.class))
        .build();
  }

  private static ProgramDefinition program(String id) {
    return ProgramDefinition.named(id)
        .kind(ProgramKind.CHAIN_OF_THOUGHT)
        .input("question", "string")
        .output("answer", "string")
        .build();
  }

  @Test
  void injectedProgramsAnswerInTheCallersTypes() {
    dspy.configureLm(model("stand-in"));
    dspy.createProgram(program("typed"));

    Answer answer = again.program("typed", Answer.class).execute(new Question("Why?"));

    assertThat(answer.answer()).endsWith("You asked: Why?");
    assertThat(answer.reasoning()).contains("The question has");
    assertThat(dspy.program("typed", Answer.class).executeAsync(new Question("Why?")))
        .succeedsWithin(60, TimeUnit.SECONDS)
        .isEqualTo(answer);
    assertThat(byName.info("typed").executionCount()).isEqualTo(2);
  }

  @Test
  void eachPoolHasItsOwnProgramsAndModelThatOfTheSettingsAtFirst() {
    dspy.configureLm(model("first"));
    dspy.createProgram(program("of-default"));
    ml.createProgram(program("of-ml"));

    assertThat(ml.execute("of-ml", Map.of("question", "x")).model()).isEqualTo("openai/keyed-word");
    assertThat(dspy.execute("of-default", Map.of("question", "x")).model())
        .isEqualTo("openai/first");
    DspyException missing =
        catchThrowableOfType(
            DspyException.class, () -> ml.execute("of-default", Map.of("question", "x")));
    assertThat(missing.problem()).isEqualTo(DspyProblem.PROGRAM_NOT_FOUND);
    assertThat(missing.pool()).isEqualTo("ml");
  }

  @Test
  void programsOfASessionShareItsStateAndEndWithIt() {
    PythonSession session = pool.session("user-1");
    DspyPrograms mine = ml.inSession("user-1");
    mine.createProgram(
        ProgramDefinition.named("agent")
            .kind(ProgramKind.REACT)
            .tools("conversing:add")
            .input("question", "string")
            .output("answer", "string")
            .build());
    mine.execute("agent", Map.of("question", "x"));

    assertThat(session.function("conversing:add").call(Integer.class)).isEqualTo(2);
    try (Stream<ProgramPiece> pieces = mine.stream("agent", Map.of("question", "y"))) {
      assertThat(pieces.reduce((a, b) -> b).orElseThrow().result()).isPresent();
    }
    assertThat(session.function("conversing:add").call(Integer.class)).isEqualTo(4);
    assertThat(session.end()).isTrue();
    assertThat(mine.list().totalCount()).isZero();
  }

  @Test
  void anInvalidProgramIsATypedErrorThroughTheGuard() {
    DspyException refused =
        catchThrowableOfType(
            DspyException.class,
            () -> dspy.createProgram(ProgramDefinition.named("none").input("a", "string").build()));

    assertThat(refused.problem()).isEqualTo(DspyProblem.SIGNATURE);
    assertThat(refused.text()).isEqualTo("Signature must have at least one output field");
  }
}
