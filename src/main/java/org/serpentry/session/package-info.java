// SPDX-License-Identifier: Apache-2.0

/**
 * Tracking, turns, affinity, expiry and the session store. Main type: {@code SessionTracker}. Plain
 * Java.
 */
package org.serpentry.session;
