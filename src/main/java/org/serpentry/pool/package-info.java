// SPDX-License-Identifier: Apache-2.0

/**
 * Checkout, waiters, sizing, filling, retiring and housekeeping. Main type: {@code WorkerPool}.
 * Plain Java.
 */
package org.serpentry.pool;
