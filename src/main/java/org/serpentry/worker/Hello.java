// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.util.List;
import java.util.Map;

/**
 * What a launcher or worker says of itself when it connects.
 *
 * @param protocol the protocol version it speaks
 * @param role {@code worker}, {@code calls} for the second connection of a worker, or {@code
 *     launcher}
 * @param token the run's secret; never logged
 * @param worker the worker's number, or 0 for a launcher
 * @param pid its process id
 * @param python its Python version
 * @param codeHash the SHA-256 of the user code it loads, in hex, or empty
 * @param requirementsHash the SHA-256 over the distributions that it can import, or empty
 * @param codec the JSON codec it uses
 * @param attachments whether it takes binary attachments
 * @param tables whether it takes and gives lists of records as tables
 * @param callsApart whether it can take calls on a connection of their own
 */
public record Hello(
    int protocol,
    String role,
    String token,
    long worker,
    int pid,
    String python,
    String codeHash,
    String requirementsHash,
    String codec,
    boolean attachments,
    boolean tables,
    boolean callsApart) {

  /**
   * Reads it from a HELLO frame's decoded payload.
   *
   * @param values the payload
   * @return the hello; absent members are empty or 0
   */
  public static Hello of(Map<String, Object> values) {
    return new Hello(
        (int) number(values, "protocol"),
        text(values, "role"),
        text(values, "token"),
        number(values, "worker"),
        (int) number(values, "pid"),
        text(values, "python"),
        text(values, "codeHash"),
        text(values, "requirementsHash"),
        text(values, "codec"),
        can(values, "attachments"),
        can(values, "tables"),
        can(values, "callsSocket"));
  }

  private static boolean can(Map<String, Object> values, String capability) {
    return values.get("capabilities") instanceof List<?> can && can.contains(capability);
  }

  private static String text(Map<String, Object> values, String key) {
    return values.get(key) instanceof String text ? text : "";
  }

  private static long number(Map<String, Object> values, String key) {
    return values.get(key) instanceof Number number ? number.longValue() : 0;
  }

  @Override
  public String toString() {
    return "Hello[%s %d, pid %d, protocol %d, Python %s, codec %s]"
        .formatted(role, worker, pid, protocol, python, codec);
  }
}
