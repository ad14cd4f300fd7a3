// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

/** When a pool starts its workers. */
public enum StartMode {
  /** The start of the pool waits until {@code size} workers are ready. */
  EAGER,
  /** The first call starts the first worker. */
  LAZY,
  /** The start of the pool returns at once and the workers start behind it. */
  BACKGROUND
}
