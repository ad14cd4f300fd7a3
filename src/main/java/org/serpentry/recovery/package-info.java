// SPDX-License-Identifier: Apache-2.0

/**
 * What is done about failures, decided without doing it. Main type: {@code WorkerRecovery}. Plain
 * Java.
 */
package org.serpentry.recovery;
