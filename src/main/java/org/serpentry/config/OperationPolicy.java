// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

/** What operators may do over JMX, whatever the server's own access control lets them. */
public enum OperationPolicy {
  /** Everything. */
  ALL,
  /** What loses no running call and keeps none out; no change of settings. */
  SAFE,
  /** Nothing but looking. */
  NONE
}
