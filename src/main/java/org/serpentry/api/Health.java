// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** The last verdict on a worker; a field apart from its state. */
public enum Health {
  /** Its last call or probe was answered. */
  HEALTHY,
  /** Its last probe failed. */
  UNHEALTHY,
  /** It has neither been probed nor called. */
  UNKNOWN
}
