// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.time.Duration;
import java.util.Map;

/**
 * What came of running a program.
 *
 * @param programId the program's id
 * @param outputs the outputs by name; with {@code reasoning} or {@code trajectory} where the kind
 *     has one
 * @param executionTime how long the worker took
 * @param model the model that answered, as {@code provider/model}
 * @param usage what it took
 */
public record Execution(
    String programId,
    Map<String, Object> outputs,
    Duration executionTime,
    String model,
    Usage usage) {}
