// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import org.serpentry.api.BreakerState;

/**
 * A circuit at one moment.
 *
 * @param name {@code pool} for the pool's own, else the group's name
 * @param state its state
 * @param failures in a row that count now, while it is closed
 * @param successes in a row that count now, while it is half open
 * @param refusals how many calls it has refused
 * @param remainingMillis how long it will stay open, or 0
 * @param cause the last failure that counted, or empty
 */
public record CircuitView(
    String name,
    BreakerState state,
    int failures,
    int successes,
    long refusals,
    long remainingMillis,
    String cause) {}
