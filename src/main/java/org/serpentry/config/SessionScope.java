// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

/** Who shares the sessions of a pool. */
public enum SessionScope {
  /** Whoever calls from the application. */
  APPLICATION,
  /** Calls of the same authenticated caller; the same id of two callers is two sessions. */
  PRINCIPAL
}
