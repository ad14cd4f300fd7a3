// SPDX-License-Identifier: Apache-2.0

/** Events, metrics, JFR and the slow-call log. Main type: {@code Listeners}. Plain Java. */
package org.serpentry.telemetry;
