// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.serpentry.api.BindingException;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.PythonSession;
import org.serpentry.api.PythonType;
import org.serpentry.config.PoolConfig;
import org.serpentry.pool.WorkerPool;
import org.serpentry.spi.CodecException;

/**
 * The programs of one pool, as one session sees them or as all do. What a session's view runs runs
 * in that session: on its worker where it can be, after its other calls, with its state. Any
 * thread.
 */
final class PoolPrograms implements DspyPrograms, AutoCloseable {

  private static final PythonType<Map<String, Object>> OBJECT = new PythonType<>() {};

  private final SharedPrograms parts;
  private final PythonSession session;
  private final String owner;
  private final Executions executions;
  private final ProgramFailures failures;

  /** A program and where it was found: the session's full id, or null for a global one. */
  private record Found(ProgramDefinition definition, String session) {}

  PoolPrograms(SharedPrograms parts) {
    this(parts, null);
  }

  private PoolPrograms(SharedPrograms parts, PythonSession session) {
    this.parts = parts;
    this.session = session;
    this.owner = session == null ? null : session.fullId();
    this.executions = new Executions(this::function, parts.wire());
    this.failures = new ProgramFailures(parts.pool().name(), session);
  }

  /**
   * The programs of a pool, which end with its sessions where it has some.
   *
   * @param pool runs them
   * @param store keeps them
   * @param core the pool's core, or null when it has none
   * @throws DspyException when the language model of the pool's settings cannot be
   */
  static PoolPrograms of(PythonPool pool, ProgramStore store, WorkerPool core) {
    try {
      PoolConfig config = core == null ? PoolConfig.builder("none").build() : core.config();
      return new PoolPrograms(
          SharedPrograms.of(pool, store, config.model(), core == null ? null : core.sessions()));
    } catch (Refusal e) {
      throw new ProgramFailures(pool.name(), null).shown(e);
    }
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
    return new PoolPrograms(parts, parts.pool().session(id));
  }

  // ---- the language model

  @Override
  public void configureLm(LmConfig settings) {
    command(
        () -> {
          new ModelChanges(parts, owner).configure(settings);
          return null;
        });
  }

  /** Replaces the model for all by what is made of it; see {@link ModelChanges#change}. */
  LmConfig changeLm(UnaryOperator<LmConfig> change) {
    return command(() -> new ModelChanges(parts, null).change(change));
  }

  /** The lines of settings that begin with another model, without its key. */
  String export(LmConfig model) {
    return parts.configured().export(model);
  }

  // ---- programs

  @Override
  public ProgramInfo createProgram(ProgramDefinition definition) {
    return command(
        () -> {
          String id = required(definition.id());
          if (parts.store().find(owner, id).isPresent()) {
            throw failures.duplicate(id);
          }
          Map<String, Object> data = data(definition);
          function("serpentry:create_program")
              .arg("id", id)
              .arg("signature", data.get("signature"))
              .arg("program_type", data.get("kind"))
              .arg("tools", data.get("tools"))
              .arg("max_iterations", data.get("max_iterations"))
              .arg("state", data.get("state"))
              .arg("version", definition.version())
              .call();
          ProgramStore.Kept[] kept = new ProgramStore.Kept[1];
          parts.keep(
              owner,
              () -> kept[0] = parts.store().create(owner, definition, parts.clock().instant()));
          return switch (kept[0]) {
            case YES -> parts.store().find(owner, id).orElseThrow(() -> notFound(id));
            case DUPLICATE -> throw failures.duplicate(id);
            case FULL -> throw failures.full();
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
          return executions.stream(
              found.definition(),
              inputs,
              parts.model(owner),
              done -> ended(found, done),
              parts.counts()::error);
        });
  }

  private Execution run(String id, Object inputs) {
    return command(
        () -> {
          Found found = find(id);
          return ended(found, executions.run(found.definition(), inputs, parts.model(owner)));
        });
  }

  private CompletableFuture<Execution> runAsync(String id, Object inputs) {
    parts.counts().command();
    Relay<Execution> relay = new Relay<>(parts.counts()::error);
    try {
      Found found = find(id);
      relay.follow(
          executions.runAsync(found.definition(), inputs, parts.model(owner)),
          done -> relay.complete(ended(found, done)));
    } catch (PythonPoolException | Refusal e) {
      relay.fail(failures.shown(e));
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
          failures.context(),
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
          List<ProgramInfo> found = owner == null ? parts.store().all() : parts.store().list(owner);
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
          if (!parts.store().delete(owner, required(id))) {
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
              function("serpentry:dump_program")
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
                anywhere("get_stats").call(OBJECT)));
  }

  @Override
  public int cleanup() {
    return command(
        () -> owner == null ? parts.store().clear() : parts.store().deleteSession(owner));
  }

  @Override
  public int cleanupSession(String id) {
    return command(
        () -> {
          if (id == null || id.isBlank()) {
            throw failures.of(DspyProblem.SESSION_ID_REQUIRED, "Session ID required for cleanup");
          }
          String full = parts.pool().session(id).fullId();
          parts.models().forget(full);
          return parts.store().deleteSession(full);
        });
  }

  // ---- helpers

  private <T> T command(Supplier<T> action) {
    parts.counts().command();
    try {
      return action.get();
    } catch (PythonPoolException | Refusal e) {
      parts.counts().error();
      throw failures.shown(e);
    }
  }

  /** A command in the session, where there is one. */
  private PythonFunction function(String target) {
    return session == null ? parts.pool().function(target) : session.function(target);
  }

  private PythonFunction anywhere(String command) {
    return parts.pool().function("serpentry:" + command);
  }

  private Map<String, Object> data(ProgramDefinition definition) {
    try {
      return parts.wire().data(definition);
    } catch (CodecException e) {
      throw failures.stateRefused();
    }
  }

  private Found find(String id) {
    required(id);
    if (owner != null) {
      Optional<ProgramInfo> own = parts.store().find(owner, id);
      if (own.isPresent()) {
        return new Found(own.get().definition(), owner);
      }
    }
    return parts
        .store()
        .find(null, id)
        .map(info -> new Found(info.definition(), null))
        .orElseThrow(() -> notFound(id));
  }

  private DspyException notFound(String id) {
    return failures.notFound(id, owner != null && parts.store().hasSession(owner));
  }

  private String required(String id) {
    if (id == null || id.isBlank()) {
      throw failures.of(DspyProblem.PROGRAM_ID_REQUIRED, "Program ID is required");
    }
    return id;
  }

  @Override
  public void close() {
    parts.close();
  }

  @Override
  public String toString() {
    return "DspyPrograms[" + parts.pool().name() + (owner == null ? "]" : ", " + owner + "]");
  }
}
