// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import org.serpentry.api.WorkerState;

/**
 * What a decision goes by of the worker that failed.
 *
 * @param state its state at the failure
 * @param failedProbes how many probes in a row have failed, this one included
 * @param timeouts how many of its calls in a row have met deadlines that leave time for an answer,
 *     this one included
 */
public record WorkerFacts(WorkerState state, int failedProbes, int timeouts) {}
