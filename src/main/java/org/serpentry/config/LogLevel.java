// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

/** From which level on records of Python's {@code logging} reach the server's log. */
public enum LogLevel {
  /** All but what is below DEBUG. */
  DEBUG(10),
  /** The default. */
  INFO(20),
  /** What may be wrong. */
  WARNING(30),
  /** What is wrong. */
  ERROR(40);

  private final int number;

  LogLevel(int number) {
    this.number = number;
  }

  /** Python's number. */
  public int number() {
    return number;
  }
}
