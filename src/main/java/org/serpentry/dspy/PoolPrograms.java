// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.serpentry.api.BindingException;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.PythonType;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.spi.CodecException;

/** The programs of one pool, as one session sees them or as all do. Any thread. */
final class PoolPrograms implements DspyPrograms, AutoCloseable {

  private static final PythonType<Map<String, Object>> OBJECT = new PythonType<>() {};
  private static final int NESTING = 128;

  private final Parts parts;
  private final String session;

  /** What all views of a pool's programs share. */
  private record Parts(
      PythonPool pool,
      ProgramStore store,
      LmVersions models,
      JsonbCodec codec,
      ProgramWire wire,
      Executions executions,
      ProgramCounts counts,
      Clock clock) {

    static Parts of(PythonPool pool, ProgramStore store) {
      // NaN may come from a pool that allows it, and then must pass on.
      JsonbCodec codec = JsonbCodec.create(true, NESTING);
      ProgramWire wire = new ProgramWire(codec);
      return new Parts(
          pool,
          store,
          new LmVersions(),
          codec,
          wire,
          new Executions(pool, wire),
          new ProgramCounts(System::nanoTime),
          Clock.systemUTC());
    }
  }

  /** A program and where it was found: the session's name, or null for a global one. */
  private record Found(ProgramDefinition definition, String session) {}

  PoolPrograms(PythonPool pool, ProgramStore store) {
    this(Parts.of(pool, store), null);
  }

  private PoolPrograms(Parts parts, String session) {
    this.parts = parts;
    this.session = session;
  }

  /** The language models in force. */
  LmVersions models() {
    return parts.models();
  }

  /** The programs that are kept. */
  ProgramStore store() {
    return parts.store();
  }

  /** What has been done. */
  ProgramCounts counts() {
    return parts.counts();
  }

  @Override
  public DspyPrograms inSession(String id) {
    if (id == null || id.isBlank()) {
      throw new IllegalArgumentException("A session's id must not be empty");
    }
    return new PoolPrograms(parts, id);
  }

  // ---- the language model

  @Override
  public void configureLm(LmConfig settings) {
    command(
        () -> {
          LmVersions.Numbered numbered = parts.models().number(session, settings);
          PythonFunction configure =
              function("configure_lm")
                  .arg("version", numbered.number())
                  .arg("scope", numbered.scope());
          for (Map.Entry<String, Object> setting : settings.wire().entrySet()) {
            configure = configure.arg(setting.getKey(), setting.getValue());
          }
          configure.call();
          parts.models().publish(numbered);
          return null;
        });
  }

  // ---- programs

  @Override
  public ProgramInfo createProgram(ProgramDefinition definition) {
    return command(
        () -> {
          String id = required(definition.id());
          if (parts.store().find(session, id).isPresent()) {
            throw duplicate(id);
          }
          Map<String, Object> data = data(definition);
          function("create_program")
              .arg("id", id)
              .arg("signature", data.get("signature"))
              .arg("program_type", data.get("kind"))
              .arg("tools", data.get("tools"))
              .arg("max_iterations", data.get("max_iterations"))
              .arg("state", data.get("state"))
              .arg("version", definition.version())
              .call();
          return switch (parts.store().create(session, definition, parts.clock().instant())) {
            case YES -> parts.store().find(session, id).orElseThrow(() -> notFound(id));
            case DUPLICATE -> throw duplicate(id);
            case FULL ->
                throw problem(
                    DspyProblem.TOO_MANY_PROGRAMS,
                    "no further program can be kept: delete those that are not needed any more"
                        + " (cleanup, cleanupSession)");
          };
        });
  }

  @Override
  public Execution execute(String id, Map<String, ?> inputs) {
    return run(id, inputs);
  }

  @Override
  public CompletableFuture<Execution> executeAsync(String id, Map<String, ?> inputs) {
    return runAsync(id, inputs);
  }

  @Override
  public Stream<ProgramPiece> stream(String id, Map<String, ?> inputs) {
    return command(
        () -> {
          Found found = find(id);
          return parts.executions().stream(
              found.definition(),
              inputs,
              parts.models().of(session),
              done -> ended(found, done),
              parts.counts()::error);
        });
  }

  private Execution run(String id, Object inputs) {
    return command(
        () -> {
          Found found = find(id);
          return ended(
              found,
              parts.executions().run(found.definition(), inputs, parts.models().of(session)));
        });
  }

  private CompletableFuture<Execution> runAsync(String id, Object inputs) {
    parts.counts().command();
    Relay<Execution> relay = new Relay<>(parts.counts()::error);
    try {
      Found found = find(id);
      relay.follow(
          parts.executions().runAsync(found.definition(), inputs, parts.models().of(session)),
          done -> relay.complete(ended(found, done)));
    } catch (PythonPoolException e) {
      relay.fail(e);
    }
    return relay;
  }

  private Execution ended(Found found, Execution done) {
    parts.counts().executed(done.usage());
    parts.store().executed(found.session(), found.definition().id(), parts.clock().instant());
    return done;
  }

  @Override
  public <A> DspyProgram<A> program(String id, Class<A> answer) {
    return new DspyProgram<>() {
      @Override
      public A execute(Object inputs) {
        return answer(id, run(id, inputs), answer);
      }

      @Override
      public CompletableFuture<A> executeAsync(Object inputs) {
        Relay<A> relay = new Relay<>(() -> {});
        relay.follow(runAsync(id, inputs), done -> relay.complete(answer(id, done, answer)));
        return relay;
      }
    };
  }

  private <A> A answer(String id, Execution done, Class<A> type) {
    try {
      return parts.wire().answer(done.outputs(), type);
    } catch (CodecException e) {
      throw new BindingException(
          context(),
          BindingException.Direction.RESULT,
          "the outputs of the program %s do not fit %s: %s"
              .formatted(id, type.getTypeName(), e.getMessage()),
          e);
    }
  }

  @Override
  public ProgramList list() {
    return command(
        () -> {
          List<ProgramInfo> found =
              session == null ? parts.store().all() : parts.store().list(session);
          return new ProgramList(found, found.size());
        });
  }

  @Override
  public ProgramInfo info(String id) {
    return command(
        () -> {
          Found found = find(id);
          return parts.store().find(found.session(), id).orElseThrow(() -> notFound(id));
        });
  }

  @Override
  public void delete(String id) {
    command(
        () -> {
          if (!parts.store().delete(session, required(id))) {
            throw notFound(id);
          }
          return null;
        });
  }

  @Override
  public String save(String id) {
    return command(
        () -> {
          ProgramDefinition definition = find(id).definition();
          Map<String, Object> told =
              function("dump_program")
                  .arg("program_id", id)
                  .arg("version", definition.version())
                  .arg("program_data", data(definition))
                  .call(OBJECT);
          return parts.wire().text(told.get("state"));
        });
  }

  @Override
  public DspyStats stats() {
    return command(
        () ->
            new DspyStats(
                parts.store().all().size(),
                parts.counts().commands(),
                parts.counts().errors(),
                parts.counts().executions(),
                parts.counts().uptime(),
                parts.counts().usage(),
                function("get_stats").call(OBJECT)));
  }

  @Override
  public int cleanup() {
    return command(
        () -> session == null ? parts.store().clear() : parts.store().deleteSession(session));
  }

  @Override
  public int cleanupSession(String id) {
    return command(
        () -> {
          if (id == null || id.isBlank()) {
            throw problem(DspyProblem.SESSION_ID_REQUIRED, "Session ID required for cleanup");
          }
          parts.models().forget(id);
          return parts.store().deleteSession(id);
        });
  }

  // ---- helpers

  private <T> T command(Supplier<T> action) {
    parts.counts().command();
    try {
      return action.get();
    } catch (PythonPoolException e) {
      parts.counts().error();
      throw DspyException.of(e);
    }
  }

  private PythonFunction function(String command) {
    return parts.pool().function("serpentry:" + command);
  }

  private Map<String, Object> data(ProgramDefinition definition) {
    try {
      return parts.wire().data(definition);
    } catch (CodecException e) {
      throw problem(
          DspyProblem.STATE_REFUSED,
          "A program's state must be the JSON object that DSPy's save('….json') writes; everything"
              + " else is refused, and so is every pickle, which can run code when it is read");
    }
  }

  private Found find(String id) {
    required(id);
    Optional<ProgramInfo> own =
        session == null ? Optional.empty() : parts.store().find(session, id);
    if (own.isPresent()) {
      return new Found(own.get().definition(), session);
    }
    return parts
        .store()
        .find(null, id)
        .map(info -> new Found(info.definition(), null))
        .orElseThrow(() -> notFound(id));
  }

  private String required(String id) {
    if (id == null || id.isBlank()) {
      throw problem(DspyProblem.PROGRAM_ID_REQUIRED, "Program ID is required");
    }
    return id;
  }

  private DspyException notFound(String id) {
    if (session != null && !parts.store().hasSession(session)) {
      return problem(DspyProblem.SESSION_NOT_FOUND, "Session not found: " + session);
    }
    return problem(
        DspyProblem.PROGRAM_NOT_FOUND,
        session == null
            ? "Program not found: " + id
            : "Program not found in session %s: %s".formatted(session, id));
  }

  private DspyException duplicate(String id) {
    return problem(
        DspyProblem.DUPLICATE_PROGRAM,
        "Program with ID '%s' already exists%s"
            .formatted(id, session == null ? "" : " in session " + session));
  }

  private DspyException problem(DspyProblem problem, String text) {
    return new DspyException(problem, context(), text, null);
  }

  private ErrorContext context() {
    return ErrorContext.ofPool(parts.pool().name()).withSession(session);
  }

  @Override
  public void close() {
    parts.codec().close();
  }

  @Override
  public String toString() {
    return "DspyPrograms[" + parts.pool().name() + (session == null ? "]" : ", " + session + "]");
  }
}
