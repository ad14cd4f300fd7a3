// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

/** How the pauses between the attempts of a call grow; {@code d} is {@code retry-delay}. */
public enum RetryBackoff {
  /** None before the first further attempt, then d, 2d, 3d: another worker is there at once. */
  IMMEDIATE,
  /** d, 2d, 3d, 4d. */
  LINEAR,
  /** d, 2d, 4d, 8d. */
  EXPONENTIAL,
  /** d, d, 2d, 3d, 5d. */
  FIBONACCI,
  /** Drawn between d and three times the pause before it. */
  DECORRELATED_JITTER,
  /** The pauses listed by {@code retry-delays}, the last one again and again. */
  CUSTOM
}
