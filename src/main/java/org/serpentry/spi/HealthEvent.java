// SPDX-License-Identifier: Apache-2.0
package org.serpentry.spi;

import org.serpentry.api.Health;
import org.serpentry.api.WorkerActivity;
import org.serpentry.spi.PoolListener.WorkerRef;

/**
 * A verdict on a worker: of a probe while it was idle or degraded, or of a watch on its process
 * while a call ran.
 *
 * @param worker which worker
 * @param health its health now; a watch does not change it
 * @param activity what a watch saw; {@link WorkerActivity#UNWATCHED} for a probe
 * @param failures how many probes in a row have failed
 * @param reason what was seen, in a few words
 */
public record HealthEvent(
    WorkerRef worker, Health health, WorkerActivity activity, int failures, String reason) {}
