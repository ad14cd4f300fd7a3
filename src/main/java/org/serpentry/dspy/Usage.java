// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.util.OptionalDouble;

/**
 * What the answers to one execution, or to all of them, took.
 *
 * @param promptTokens tokens sent, of answers that were billed
 * @param completionTokens tokens received, of answers that were billed
 * @param totalTokens both, as the endpoint counts them
 * @param lmCalls answers, those from a cache included
 * @param cacheHits answers from a worker's cache
 * @param cost US dollars by DSPy's list of prices; empty where it has none for the model
 */
public record Usage(
    long promptTokens,
    long completionTokens,
    long totalTokens,
    long lmCalls,
    long cacheHits,
    OptionalDouble cost) {}
