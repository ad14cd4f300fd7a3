// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.time.Duration;
import java.util.Map;

/**
 * What has been done with the programs of a pool since the application's start.
 *
 * @param programsCount programs that there are now, those of sessions included
 * @param commandCount commands given
 * @param errorCount commands that failed
 * @param executionCount executions that ended well
 * @param uptime since when this counts
 * @param usage what all executions took
 * @param worker one worker's own {@code get_stats}: its memory, and whether it has DSPy
 */
public record DspyStats(
    int programsCount,
    long commandCount,
    long errorCount,
    long executionCount,
    Duration uptime,
    Usage usage,
    Map<String, Object> worker) {}
