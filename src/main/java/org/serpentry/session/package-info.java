// SPDX-License-Identifier: Apache-2.0

/**
 * Affinity, tracking, expiry and the session store. Main type: {@code SessionTracker}. Plain Java.
 */
package org.serpentry.session;
