// SPDX-License-Identifier: Apache-2.0

/** Probes, verdicts and the pool monitor. Main type: {@code PoolMonitor}. Plain Java. */
package org.serpentry.health;
