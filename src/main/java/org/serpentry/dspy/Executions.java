// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.PythonType;

/**
 * Runs programs on whichever worker is free. Definition and model are named by their versions; a
 * worker that lacks one says so before anything has run, and the call is sent again with both
 * along, so that it may meet any other worker. Any thread.
 */
final class Executions {

  private static final PythonType<Map<String, Object>> OBJECT = new PythonType<>() {};

  private final PythonFunction execute;
  private final PythonFunction stream;
  private final ProgramWire wire;

  /**
   * Executions on the workers of a pool, or of one of its sessions.
   *
   * @param functions gives a request for a function by its name
   */
  Executions(Function<String, PythonFunction> functions, ProgramWire wire) {
    this.execute = functions.apply("serpentry:execute_program");
    this.stream = functions.apply("serpentry:stream_program");
    this.wire = wire;
  }

  /** One execution that is to be sent. */
  private final class Attempt {
    private final PythonFunction function;
    private final ProgramDefinition definition;
    private final Object inputs;
    private final LmVersions.Numbered model;

    Attempt(
        PythonFunction function,
        ProgramDefinition definition,
        Object inputs,
        LmVersions.Numbered model) {
      this.function = function;
      this.definition = definition;
      this.inputs = inputs;
      this.model = model;
    }

    PythonFunction brief() {
      PythonFunction call =
          function
              .arg("program_id", definition.id())
              .arg("inputs", inputs)
              .arg("version", definition.version());
      if (model != null) {
        call = call.arg("lm_version", model.number());
      }
      if (definition.timeout().isPresent()) {
        call = call.timeout(definition.timeout().get());
      }
      return definition.idempotent() ? call.idempotent() : call;
    }

    PythonFunction full() {
      PythonFunction call = brief().arg("program_data", wire.data(definition));
      return model == null ? call : call.arg("lm", model.settings().wire(model.wireScope()));
    }
  }

  Execution run(ProgramDefinition definition, Object inputs, LmVersions.Numbered model) {
    Attempt attempt = new Attempt(execute, definition, inputs, model);
    Map<String, Object> reply = attempt.brief().call(OBJECT);
    if (ProgramWire.lacking(reply)) {
      reply = attempt.full().call(OBJECT);
    }
    return ProgramWire.execution(reply);
  }

  CompletableFuture<Execution> runAsync(
      ProgramDefinition definition, Object inputs, LmVersions.Numbered model) {
    Attempt attempt = new Attempt(execute, definition, inputs, model);
    Relay<Execution> relay = new Relay<>(() -> {});
    relay.follow(
        attempt.brief().callAsync(OBJECT),
        reply -> {
          if (ProgramWire.lacking(reply)) {
            relay.follow(
                attempt.full().callAsync(OBJECT),
                full -> relay.complete(ProgramWire.execution(full)));
          } else {
            relay.complete(ProgramWire.execution(reply));
          }
        });
    return relay;
  }

  Stream<ProgramPiece> stream(
      ProgramDefinition definition,
      Object inputs,
      LmVersions.Numbered model,
      Consumer<Execution> ended,
      Runnable failed) {
    Attempt attempt = new Attempt(stream, definition, inputs, model);
    return PieceStream.of(
        () -> attempt.brief().stream(OBJECT), () -> attempt.full().stream(OBJECT), ended, failed);
  }

  /** The exception to show for one that ended a future. */
  static Throwable shown(Throwable failure) {
    Throwable found =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return found instanceof PythonPoolException e ? DspyException.of(e) : found;
  }
}
