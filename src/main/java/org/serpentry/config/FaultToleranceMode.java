// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

/** Who retries, limits and breaks the circuit: never both. */
public enum FaultToleranceMode {
  /** The server's MicroProfile Fault Tolerance, on a guard per pool. */
  MICROPROFILE,
  /** The pool itself, without the server's interceptors. */
  CORE
}
