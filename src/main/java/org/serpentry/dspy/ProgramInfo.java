// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.time.Instant;
import java.util.Optional;

/**
 * What is known of a program.
 *
 * @param id its id
 * @param sessionId the session that it belongs to, empty for a global one
 * @param definition what it is made from
 * @param createdAt when it was created
 * @param executionCount how often it ran to its end, on whichever worker
 * @param lastExecuted when it last did
 */
public record ProgramInfo(
    String id,
    Optional<String> sessionId,
    ProgramDefinition definition,
    Instant createdAt,
    long executionCount,
    Optional<Instant> lastExecuted) {}
