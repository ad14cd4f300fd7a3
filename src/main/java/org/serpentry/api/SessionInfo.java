// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.time.Instant;

/**
 * A session as it is at a moment.
 *
 * @param id its id; with {@code session-scope=principal} the caller's name stands before it
 * @param started when its first call came
 * @param lastActivity when its last call came or ended
 * @param operations how many calls have been made in it
 * @param slot the slot of the worker that it prefers, or -1
 * @param waiting how many of its calls wait for their turn
 * @param keepsLocal whether it keeps things on its worker that cannot move to another
 * @param lost whether such things have been lost with their worker; {@code strict} refuses calls
 *     until it is ended
 */
public record SessionInfo(
    String id,
    Instant started,
    Instant lastActivity,
    long operations,
    int slot,
    int waiting,
    boolean keepsLocal,
    boolean lost) {}
