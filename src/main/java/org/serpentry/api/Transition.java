// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * One move of a worker's state. Leases ({@code READY <-> BUSY}) are counted, not recorded.
 *
 * @param from the state before
 * @param to the state after
 * @param reason why, in a few words
 * @param stay how long the worker had been in {@code from}
 * @param at when
 * @param metadata what else is known, for example an exit code
 */
public record Transition(
    WorkerState from,
    WorkerState to,
    String reason,
    Duration stay,
    Instant at,
    Map<String, String> metadata) {}
