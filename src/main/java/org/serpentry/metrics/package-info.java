// SPDX-License-Identifier: Apache-2.0

/**
 * The pools as metrics. Main type: {@link org.serpentry.metrics.PoolMetrics}, which the WAR serves;
 * {@link org.serpentry.metrics.PoolMeters} binds the pools' gauges to an application's own
 * Micrometer registry. The one room that knows Micrometer and Prometheus; without them nothing of
 * it is used.
 */
package org.serpentry.metrics;
