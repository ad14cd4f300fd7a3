// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.serpentry.spi.SessionStore;

/**
 * Where the definitions of programs are kept. Implementations are safe for use by any thread; each
 * method is atomic. A session is null where the global programs are meant.
 */
public interface ProgramStore {

  /**
   * Programs in a session store: global ones stay there, those of a session last as long as its
   * state, also beyond this JVM where the store's do. How often they ran is counted in this JVM.
   * {@code ProgramStore.in(pool.sessions().store(), pool.sessions().prefix())} is what injected
   * {@link DspyPrograms} have.
   *
   * @param store the session store
   * @param prefix what comes before the names of this pool's programs and sessions in it
   * @return the programs in it
   */
  static ProgramStore in(SessionStore store, String prefix) {
    return new StoredPrograms(store, prefix);
  }

  /** What became of a program that was to be kept. */
  enum Kept {
    /** It is kept. */
    YES,
    /** Its id is taken. */
    DUPLICATE,
    /** There is no room. */
    FULL
  }

  /**
   * Keeps a program that has not run.
   *
   * @param session its session, or null
   * @param definition its definition
   * @param now when it was created
   * @return what became of it
   */
  Kept create(String session, ProgramDefinition definition, Instant now);

  /**
   * Finds a program of exactly this session.
   *
   * @param session the session, or null
   * @param id the program's id
   * @return what is known of it
   */
  Optional<ProgramInfo> find(String session, String id);

  /**
   * Counts an execution; of a program that has been deleted meanwhile, nothing.
   *
   * @param session the session, or null
   * @param id the program's id
   * @param now when it ended
   */
  void executed(String session, String id, Instant now);

  /**
   * Whether a session has programs.
   *
   * @param session the session, not null
   * @return whether it has any
   */
  boolean hasSession(String session);

  /**
   * Deletes a program.
   *
   * @param session the session, or null
   * @param id the program's id
   * @return whether there was one
   */
  boolean delete(String session, String id);

  /**
   * Programs of one session.
   *
   * @param session the session, or null
   * @return its programs
   */
  List<ProgramInfo> list(String session);

  /**
   * All programs.
   *
   * @return those of all sessions, and the global ones
   */
  List<ProgramInfo> all();

  /**
   * Deletes the programs of a session.
   *
   * @param session the session, or null
   * @return how many
   */
  int deleteSession(String session);

  /**
   * Deletes all.
   *
   * @return how many
   */
  int clear();

  /**
   * Whether it may block, for example on a network. A console that looks then waits for half a
   * second at most.
   *
   * @return whether it may
   */
  default boolean blocks() {
    return true;
  }
}
