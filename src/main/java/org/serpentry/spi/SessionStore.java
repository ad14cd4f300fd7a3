// SPDX-License-Identifier: Apache-2.0
package org.serpentry.spi;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Where the states of sessions lie, outside of the workers: what another worker rebuilds a session
 * from. One store may serve many pools; each puts its own prefix before its sessions' ids. The
 * programs of a session lie in an entry of their own, whose id has a control character. Every
 * method may be called by any thread, also for the same id at once, and may throw an unchecked
 * exception, with which the call then fails that needed it.
 *
 * <p>An entry that has not been used for the store's time to live is not there any more.
 */
public interface SessionStore {

  /**
   * A state.
   *
   * @param version 1 for a new one, one more with each change
   * @param state the JSON object that it is, in UTF-8; nobody changes the array
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Entry(long version, byte[] state) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Entry entry
          && version == entry.version
          && Arrays.equals(state, entry.state);
    }

    @Override
    public int hashCode() {
      return Long.hashCode(version) + 31 * Arrays.hashCode(state);
    }

    @Override
    public String toString() {
      return "Entry[version=" + version + ", " + state.length + " bytes]";
    }
  }

  /**
   * What a store holds and has done.
   *
   * @param sessions states in it
   * @param programs global programs in it
   * @param bytes of both together
   * @param limit of the bytes, or 0
   * @param expired states dropped after their time to live
   * @param conflicts changes refused because the version was another
   */
  record Statistics(
      int sessions, int programs, long bytes, long limit, long expired, long conflicts) {}

  /** The store is full: nothing was changed. */
  final class FullException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Refuses.
     *
     * @param message how much it holds and may hold
     */
    public FullException(String message) {
      super(message);
    }
  }

  /**
   * Puts in a new state.
   *
   * @param id the session
   * @param state its state
   * @return false, and nothing happens, when there is one already
   * @throws FullException when there is no room
   */
  default boolean create(String id, byte[] state) {
    return replace(id, 0, state);
  }

  /**
   * Looks a state up, which counts as its use.
   *
   * @param id the session
   * @return its state, or empty
   */
  Optional<Entry> get(String id);

  /**
   * Changes a state that has not been changed since.
   *
   * @param id the session
   * @param version the version that it must have now, 0 when it must not be there
   * @param state the new state
   * @return false, and nothing happens, when the version is another
   * @throws FullException when there is no room
   */
  boolean replace(String id, long version, byte[] state);

  /**
   * Changes a state, atomically.
   *
   * @param id the session
   * @param change makes the new state from the present one; may be called more than once; when it
   *     throws, nothing is changed and the caller gets what it threw
   * @return the changed state, or empty when there is none to change
   * @throws FullException when there is no room
   */
  Optional<Entry> update(String id, UnaryOperator<byte[]> change);

  /**
   * Deletes a state.
   *
   * @param id the session
   * @return whether there was one
   */
  boolean delete(String id);

  /**
   * Lists the sessions that have a state here.
   *
   * @return their ids, sorted
   */
  List<String> list();

  /**
   * Drops what has not been used for too long.
   *
   * @return how many states
   */
  int sweep();

  /**
   * Counts.
   *
   * @return what is in it now, and what it has done
   */
  Statistics statistics();

  /**
   * Whether it may block, for example on a network. It is then never called on a pool's control
   * thread.
   *
   * @return whether it may
   */
  default boolean blocks() {
    return true;
  }

  // ---- programs that belong to no session; they do not expire

  /**
   * Puts in a program, in place of one with that name.
   *
   * @param name its name
   * @param program what it is, in UTF-8
   * @throws FullException when there is no room
   */
  void putProgram(String name, byte[] program);

  /**
   * Puts in a program under a name that is free. Looking and putting are one step for everybody who
   * uses the store, in however many JVMs: of all that do so at once with one name exactly one gets
   * true, and its program is the one that is there. A database does it by a unique key; a look
   * followed by {@link #putProgram} does not do it.
   *
   * @param name its name
   * @param program what it is, in UTF-8
   * @return false, and nothing happens, when the name is taken
   * @throws FullException when there is no room
   */
  boolean putProgramIfAbsent(String name, byte[] program);

  /**
   * Looks a program up.
   *
   * @param name its name
   * @return the program, or empty
   */
  Optional<byte[]> getProgram(String name);

  /**
   * Deletes a program.
   *
   * @param name its name
   * @return whether there was one
   */
  boolean deleteProgram(String name);

  /**
   * Lists the programs.
   *
   * @return their names, sorted
   */
  List<String> listPrograms();
}
