// SPDX-License-Identifier: Apache-2.0

/**
 * One worker's life: launch, state machine, lease, termination ladder. Main type: {@code Worker}.
 * Plain Java.
 */
package org.serpentry.worker;
