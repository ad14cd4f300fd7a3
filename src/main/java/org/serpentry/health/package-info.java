// SPDX-License-Identifier: Apache-2.0

/**
 * Whether workers do well: probes of idle ones, watches on busy ones. Main type: {@code
 * HealthMonitor}. Plain Java.
 */
package org.serpentry.health;
