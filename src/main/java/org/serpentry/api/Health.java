// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** The last verdict on a worker; a field apart from its state. */
public enum Health {
  /** It has shaken hands, and its last probe, if there was one, was answered. */
  HEALTHY,
  /** Its last probe failed: it serves no calls until one succeeds. */
  UNHEALTHY,
  /** It has not shaken hands. */
  UNKNOWN
}
