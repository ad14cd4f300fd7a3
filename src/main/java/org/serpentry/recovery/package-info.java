// SPDX-License-Identifier: Apache-2.0

/**
 * Error classification, recovery strategies, circuit breaker and retry. Main type: {@code
 * ErrorClassifier}. Plain Java.
 */
package org.serpentry.recovery;
