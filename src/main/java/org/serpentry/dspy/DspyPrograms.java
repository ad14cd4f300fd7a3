// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonPoolException;
import org.serpentry.pool.WorkerPool;

/**
 * The DSPy programs of one pool: {@code @Inject DspyPrograms} for the default pool's,
 * {@code @Inject @PoolName("ml") DspyPrograms} for a named one's. All beans of an application that
 * inject the same pool's share them.
 *
 * <p>Definitions and the language model's settings are kept on this side. A worker that lacks one
 * is given it with the call that needs it, so every present and future worker of the pool runs
 * every program with the settings of the last {@link #configureLm}, whatever was recycled or died.
 *
 * <p>Programs are global or belong to a session ({@link #inSession}). Every failure is a {@link
 * PythonPoolException}: {@link DspyException} for what concerns programs, the pool's own kinds for
 * the rest. Safe for use by any number of threads.
 */
public interface DspyPrograms {

  /**
   * The programs of a pool outside a server; inside one they are injected.
   *
   * @param pool the pool that runs them
   * @return its programs, to be closed by nobody; each call of this method makes a set of its own
   * @throws DspyException when the language model of the pool's settings cannot be
   */
  static DspyPrograms of(PythonPool pool) {
    return of(pool, new MemoryProgramStore(MemoryProgramStore.CAPACITY));
  }

  /**
   * As {@link #of(PythonPool)}, with programs kept elsewhere.
   *
   * @param pool the pool that runs them
   * @param store keeps their definitions
   * @return its programs
   * @throws DspyException when the language model of the pool's settings cannot be
   */
  static DspyPrograms of(PythonPool pool, ProgramStore store) {
    return PoolPrograms.of(pool, store, pool instanceof WorkerPool core ? core : null);
  }

  /**
   * Sets the language model, or replaces it, its key included, while calls run: executions that
   * begin after this method has returned use the new one on every worker, those under way end with
   * the old one. In a session's view it is this session's model.
   *
   * @param settings the model, its key and its parameters
   * @throws DspyException when a worker does not accept them; the old ones stay in force then
   */
  void configureLm(LmConfig settings);

  /**
   * Creates a program. A worker builds it once, so that whatever is wrong with it shows here.
   *
   * @param definition its id, kind and signature
   * @return what is known of it
   * @throws DspyException when it is no program, or its id is taken
   */
  ProgramInfo createProgram(ProgramDefinition definition);

  /**
   * Runs a program.
   *
   * @param id its id; a session's own program comes before the global one of that id
   * @param inputs a value for each input of its signature
   * @return its outputs and what they cost
   * @throws PythonPoolException when there is no result
   */
  Execution execute(String id, Map<String, ?> inputs);

  /**
   * Runs a program without blocking. Cancelling the future cancels the Python work.
   *
   * @param id its id
   * @param inputs a value for each input of its signature
   * @return a future that ends as {@link #execute} does
   */
  CompletableFuture<Execution> executeAsync(String id, Map<String, ?> inputs);

  /**
   * Runs a program and gives the texts that it makes as they come about: outputs that are texts,
   * and what leads to them, such as {@code reasoning}. The last piece has the result. It begins at
   * once and takes a place until it has been read to its end or closed, so close it; see {@link
   * org.serpentry.api.PythonFunction#stream(Class)}.
   *
   * @param id its id
   * @param inputs a value for each input of its signature
   * @return the pieces; reading them throws what {@link #execute} throws
   * @throws PythonPoolException when it cannot begin
   */
  Stream<ProgramPiece> stream(String id, Map<String, ?> inputs);

  /**
   * A program whose outputs are read as a Java type. It is looked up at each execution.
   *
   * @param id its id
   * @param answer a type with a member for each output that is of interest
   * @param <A> that type
   * @return the program
   */
  <A> DspyProgram<A> program(String id, Class<A> answer);

  /**
   * The programs: of the session in a session's view, else all.
   *
   * @return the programs and their number
   */
  ProgramList list();

  /**
   * What is known of a program.
   *
   * @param id its id
   * @return its definition and how often it ran
   * @throws DspyException when there is none of that id
   */
  ProgramInfo info(String id);

  /**
   * Deletes a program: the session's in a session's view, else the global one.
   *
   * @param id its id
   * @throws DspyException when there is none of that id
   */
  void delete(String id);

  /**
   * The state of a program as DSPy writes it to JSON. {@link ProgramDefinition.Builder#state} takes
   * it back, and so does DSPy's own {@code load}.
   *
   * @param id its id
   * @return a JSON object
   * @throws PythonPoolException when no worker can tell it
   */
  String save(String id);

  /**
   * What has been done so far.
   *
   * @return counts since the application's start, and one worker's own
   */
  DspyStats stats();

  /**
   * Deletes the programs: of the session in a session's view, else all of them.
   *
   * @return how many there were
   */
  int cleanup();

  /**
   * Deletes the programs and the language model of one session, which goes on.
   *
   * @param session its id
   * @return how many programs there were
   * @throws DspyException when the id is missing
   */
  int cleanupSession(String session);

  /**
   * The programs as one session sees them: its own, and the global ones behind them. What this view
   * runs belongs to {@link PythonPool#session}: it runs on the session's worker where it can, one
   * after another with the session's other calls, and tools see the session's state. The session's
   * programs and language model end with it, by its {@code end()} or its timeout.
   *
   * @param session its id, not empty
   * @return a view; it holds nothing itself. With {@code session-scope=principal} it belongs to the
   *     caller of this method, so make it per request
   */
  DspyPrograms inSession(String session);
}
