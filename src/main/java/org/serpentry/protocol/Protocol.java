// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

/** The numbers that both sides of the wire agree on, as in {@code protocol/README.md}, Limits. */
public final class Protocol {

  /** The version that this host speaks. */
  public static final int VERSION = 1;

  /** The largest HELLO in bytes. */
  public static final int MAX_HELLO = 64 * 1024;

  /** The largest CONTROL frame in bytes. */
  public static final int MAX_CONTROL = 1024 * 1024;

  /** How long a connection may take to say HELLO, in milliseconds. */
  public static final long HELLO_MILLIS = 10_000;

  private Protocol() {}
}
