// SPDX-License-Identifier: Apache-2.0
package org.serpentry.session;

/** The worker that a session lives on, as far as sessions know workers. */
public interface Home {

  /**
   * Its slot.
   *
   * @return the slot's number
   */
  int slot();

  /**
   * A session lives here from now on. Any thread calls.
   *
   * @param session the session
   */
  void moveIn(Session session);

  /**
   * A session does not live here any more. Any thread calls.
   *
   * @param session the session
   */
  void moveOut(Session session);
}
