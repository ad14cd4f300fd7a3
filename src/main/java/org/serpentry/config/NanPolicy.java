// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

/** What happens to NaN and infinities, which JSON does not have. */
public enum NanPolicy {
  /** They are refused with a typed error, in arguments and in results. */
  REFUSE,
  /** They travel as the words NaN, Infinity and -Infinity. */
  ALLOW
}
