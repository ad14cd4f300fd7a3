// SPDX-License-Identifier: Apache-2.0
package org.serpentry.readme;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.serpentry.api.Answered;
import org.serpentry.api.NdArray;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonSession;
import org.serpentry.api.PythonType;
import org.serpentry.api.Service;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.dspy.DspyPrograms;
import org.serpentry.dspy.Execution;
import org.serpentry.dspy.LmConfig;
import org.serpentry.dspy.ProgramDefinition;
import org.serpentry.dspy.ProgramKind;
import org.serpentry.dspy.ProgramPiece;
import org.serpentry.ee.WatchedPools;
import org.serpentry.management.PoolBeans;
import org.serpentry.metrics.PoolMeters;
import org.serpentry.testing.Fault;
import org.serpentry.testing.Moment;
import org.serpentry.testing.TestPool;

/**
 * The examples of the pages, compiled. Each paragraph of a page's Java stands here or in another
 * file of this package; {@link PageExamplesTest} compares them.
 */
final class PageExamples {

  @Inject DspyPrograms dspy;
  @Inject PythonPool python;
  @Inject WatchedPools pools;

  private final List<PoolMeters> bound = new ArrayList<>();

  private PageExamples() {}

  record Question(String question) {}

  record Answer(String answer, double confidence, String reasoning) {}

  record Forecast(String day, double amount) {}

  record Sale(String day, double amount) {}

  record Sentiment(String label, double score) {}

  record Token(String text) {}

  /** Something that takes tokens. */
  interface Writer {
    void write(Token token);
  }

  void programs(String key, Map<String, Object> inputs, Consumer<Object> uses) {
    dspy.configureLm(LmConfig.model("openai/gpt-4o-mini").apiKey(key).build());
    dspy.createProgram(
        ProgramDefinition.named("qa")
            .describedAs("Answer in one sentence.")
            .kind(ProgramKind.CHAIN_OF_THOUGHT)
            .input("question", "string")
            .output("answer", "string")
            .output("confidence", "confidence_score")
            .build());

    Answer answer = dspy.program("qa", Answer.class).execute(new Question("Why is the sky blue?"));
    Execution done = dspy.execute("qa", Map.of("question", "Why?"));
    CompletableFuture<Execution> later = dspy.executeAsync("qa", inputs);
    uses.accept(List.of(answer, done, later));
  }

  void pieces(String q, PrintStream out) {
    try (Stream<ProgramPiece> pieces = dspy.stream("qa", Map.of("question", q))) {
      pieces.forEach(piece -> out.print(piece.text()));
    }
  }

  @SuppressWarnings("UnusedVariable") // as the page shows it
  void arrays(float[] pixels, InputStream stream, Consumer<Object> uses) {
    float[] scores = python.function("vision:score").arg("image", pixels).call(float[].class);
    uses.accept(scores);

    NdArray image = NdArray.of(pixels, 480, 640, 3);
    try (NdArray edges = python.function("vision:edges").arg("image", image).call(NdArray.class)) {
      FloatBuffer values = edges.asFloatBuffer();
    }
    byte[] pdf = python.function("reports:render").arg("template", stream).call(byte[].class);
    uses.accept(pdf);
  }

  List<Forecast> tables(List<Sale> sales) {
    List<Forecast> forecasts =
        python
            .function("demand:forecast")
            .arg("sales", sales)
            .call(new PythonType<List<Forecast>>() {});
    return forecasts;
  }

  Flow.Publisher<Token> streams(String p, Writer out) {
    try (Stream<Token> tokens =
        python.function("chat:reply").arg("prompt", p).stream(Token.class)) {
      tokens.forEach(out::write);
    }
    Flow.Publisher<Token> published =
        python.function("chat:reply").arg("prompt", p).publisher(Token.class);
    return published;
  }

  String sessions(String fact, String q) {
    PythonSession chat = python.session("user-42");
    chat.function("chat:remember").arg("fact", fact).call();
    String answer = chat.function("chat:ask").arg("question", q).call(String.class);
    chat.end();
    return answer;
  }

  void faults() {
    try (TestPool pool = TestPool.builder().size(2).modules(Path.of("src/main/python")).start()) {
      pool.faults().next(Moment.MID_REPLY, Fault.exit(9));
      assertThrows(WorkerCrashedException.class, () -> pool.function("reviews:score").call());
      pool.awaitWhole();
    }
  }

  Sentiment answered(PythonFunction score) {
    Answered<Sentiment> a = score.call(new PythonType<Answered<Sentiment>>() {});
    if (a.by() == Service.MOCK) {
      throw new IllegalStateException("This answer is made up: " + a.value());
    }
    return a.value();
  }

  void meters(MeterRegistry registry) {
    WatchedPools.Application running = pools.running().orElseThrow();
    for (PoolBeans pool : running.pools()) {
      PoolMeters meters = new PoolMeters(running.name(), pool);
      meters.bindTo(registry);
      bound.add(meters);
    }
  }

  void unbind() {
    bound.forEach(PoolMeters::close);
  }
}
