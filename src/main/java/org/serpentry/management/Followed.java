// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Follows long operations to their end, and tells of it. Any thread may call. */
final class Followed {

  private final OperationLog log;
  private final Announcer announcer;

  Followed(OperationLog log, Announcer announcer) {
    this.log = log;
    this.announcer = announcer;
  }

  /** Notes that an operation has begun. */
  OperationLog.Entry begin(String name) {
    return log.begin(name);
  }

  /** Notes and tells how an operation ends, when it does. */
  @SuppressWarnings("FutureReturnValueIgnored") // nothing is derived from it
  void until(OperationLog.Entry entry, CompletableFuture<?> operation) {
    operation.whenComplete(
        (result, cause) -> ended(entry, cause, result instanceof String text ? text : ""));
  }

  /** Notes and tells how an operation has ended, in failure when there is a cause. */
  void ended(OperationLog.Entry entry, Throwable cause, String result) {
    String state = entry.end(cause, result);
    announcer.tellOfPool(
        Announcer.OPERATION,
        entry.id() + ": " + state,
        Map.of("operation", entry.id(), "state", state));
  }
}
