// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

/** The JSON codec of the Python side. All of them have one semantics; only the speed differs. */
public enum CodecChoice {
  /** The fastest one that is installed. */
  AUTO,
  /** The standard library's {@code json}. */
  JSON,
  /** {@code orjson}, which must be installed. */
  ORJSON,
  /** {@code msgspec}, which must be installed. */
  MSGSPEC
}
