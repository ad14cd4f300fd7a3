// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.ErrorCategory;
import org.serpentry.api.PythonPool;
import org.serpentry.dspy.DspyProgramsMXBean.Model;
import org.serpentry.dspy.DspyProgramsMXBean.Program;
import org.serpentry.mock.MockPool;
import org.serpentry.spi.SessionStore;

@Tag("layer-1")
class ProgramsBeanTest {
  private static final String KEY = "sk-very-secret";

  private final PythonPool none =
      (PythonPool)
          Proxy.newProxyInstance(
              PythonPool.class.getClassLoader(),
              new Class<?>[] {PythonPool.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("function")) {
                  return null; // It is made, and must not be called.
                }
                if (method.getName().equals("name")) {
                  return "none";
                }
                throw new AssertionError("looking must call no Python: " + method);
              });
  private final MemoryProgramStore store = new MemoryProgramStore(10);
  private final PoolPrograms programs = PoolPrograms.of(none, store, null);
  private final List<String> begun = new ArrayList<>();
  private final List<Callable<String>> works = new ArrayList<>();
  private final ProgramsBean bean =
      new ProgramsBean(
          programs,
          (name, work) -> {
            begun.add(name);
            works.add(work);
            return name + "-1";
          });

  @AfterEach
  void close() {
    programs.close();
  }

  private void inForce(String session, LmConfig settings) {
    programs.models().publish(programs.models().number(session, settings));
  }

  @Test
  void modelsAreShownWithTheirEndpointAndNeverWithTheirKey() {
    inForce(null, LmConfig.model("openai/a").apiBase("http://lm:8000").apiKey(KEY).build());
    inForce("user-1", LmConfig.model("openai/b").apiBase("http://u:" + KEY + "@lm/v1").build());

    assertThat(bean.getModels())
        .extracting(Model::scope, Model::model, Model::endpoint, Model::key)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("*", "openai/a", "http://lm:8000", "set"),
            org.assertj.core.groups.Tuple.tuple("user-1", "openai/b", "http://…@lm/v1", ""));
    assertThat(bean.getModels().toString()).doesNotContain(KEY);
  }

  @Test
  void whatIsNotReplacedStaysAsItIs() {
    LmConfig before = LmConfig.model("openai/a").apiBase("http://old").apiKey(KEY).build();

    LmConfig after = before.with(null, "http://new", null);

    assertThat(after.modelName()).isEqualTo("openai/a");
    assertThat(after.endpoint()).isEqualTo("http://new");
    assertThat(after.wire()).containsEntry("api_key", KEY);
    assertThat(before.endpoint()).isEqualTo("http://old");
    assertThat(after.with("openai/b", null, "other").wire())
        .containsEntry("api_key", "other")
        .containsEntry("model", "openai/b");
  }

  @Test
  void aReplacementIsALongOperationAndNeedsAModel() {
    assertThatThrownBy(() -> bean.replaceLm("", "http://new", ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no language model yet");

    assertThat(bean.replaceLm("openai/c", "", KEY)).isEqualTo("replaceLm-1");
    assertThat(begun).containsExactly("replaceLm");
  }

  @Test
  void aStoreThatFailsIsATypedErrorOfEveryCommand() {
    SessionStore down =
        (SessionStore)
            Proxy.newProxyInstance(
                SessionStore.class.getClassLoader(),
                new Class<?>[] {SessionStore.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("blocks")) {
                    return false;
                  }
                  throw new IllegalStateException("the disk is full");
                });
    try (PoolPrograms failing = PoolPrograms.of(none, ProgramStore.in(down, "shop/ml/"), null)) {
      for (ThrowingCallable command :
          List.<ThrowingCallable>of(
              () -> failing.info("x"),
              () -> failing.delete("x"),
              failing::list,
              () -> failing.execute("x", Map.of()),
              () -> failing.executeAsync("x", Map.of()).join())) {
        assertThat(catchThrowable(command))
            .extracting(e -> e instanceof CompletionException ? e.getCause() : e)
            .asInstanceOf(InstanceOfAssertFactories.type(DspyException.class))
            .satisfies(
                e -> {
                  assertThat(e.problem()).isEqualTo(DspyProblem.STORE_FAILED);
                  assertThat(e.category()).isEqualTo(ErrorCategory.SYSTEM);
                  assertThat(e.getMessage()).contains("the disk is full");
                });
      }
      assertThat(failing.counts().errors()).isEqualTo(5);
      ProgramsBean shown = new ProgramsBean(failing, (name, work) -> name);
      assertThatThrownBy(shown::getPrograms)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the disk is full")
          .hasNoCause();
    }
  }

  @Test
  void programsAreShownAndDeletedByTheirName() throws Exception {
    ProgramDefinition definition =
        ProgramDefinition.named("qa").input("question", "str").output("answer", "str").build();
    store.create(null, definition, Instant.EPOCH);
    store.create("user-1", definition, Instant.EPOCH);

    assertThat(bean.getPrograms())
        .extracting(Program::name, Program::signature)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("qa", "question -> answer"),
            org.assertj.core.groups.Tuple.tuple("user-1/qa", "question -> answer"));

    assertThat(bean.deleteProgram("user-1/qa")).isEqualTo("deleteProgram-1");
    assertThat(bean.getProgramCount()).as("it may take its time").isEqualTo(2);
    assertThat(works.get(0).call()).isEqualTo("user-1/qa is deleted");
    assertThatThrownBy(works.get(0)::call).hasMessage("There is no program user-1/qa");
    assertThat(bean.getProgramCount()).isEqualTo(1);
  }

  @Test
  void onlyWhatAnOperatorReplacedIsExported() throws Exception {
    try (MockPool pool = MockPool.named("ml");
        PoolPrograms answered = PoolPrograms.of(pool, store, null)) {
      List<Callable<String>> asked = new ArrayList<>();
      ProgramsBean shown =
          new ProgramsBean(
              answered,
              (name, work) -> {
                asked.add(work);
                return name;
              });
      assertThat(shown.export()).isEmpty();
      answered.configureLm(LmConfig.model("openai/a").apiKey(KEY).build());
      assertThat(shown.export()).as("which code does again at the next start").isEmpty();

      shown.replaceLm("", "http://moved:8000", "");
      assertThat(shown.export()).as("nothing has happened yet").isEmpty();
      assertThat(asked.get(0).call()).isEqualTo("openai/a is in force");

      assertThat(shown.export())
          .contains("serpentry.pool.ml.lm-model=openai/a\n")
          .contains("serpentry.pool.ml.lm-api-base=http://moved:8000\n")
          .contains("lm-api-key-file")
          .doesNotContain(KEY);
      answered.configureLm(LmConfig.model("openai/c").apiKey(KEY).build());
      assertThat(shown.export()).isEmpty();
    }
  }
}
