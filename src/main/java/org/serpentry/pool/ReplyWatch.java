// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.channels.SelectionKey;
import java.util.HashMap;
import java.util.Map;
import org.serpentry.worker.Worker;

/**
 * Which workers' replies the reactor reads at the moment: those of asynchronous calls and of calls
 * given up. The others are read by the thread that holds the lease. Everything runs on the reactor.
 */
final class ReplyWatch {

  private final Map<Long, SelectionKey> keys = new HashMap<>();
  private final Map<Long, Runnable> handlers = new HashMap<>();

  /** Notes the registration of a worker's connection with the reactor. */
  void connected(long worker, SelectionKey key) {
    keys.put(worker, key);
  }

  /** Reads, or goes on writing, for a leased worker: the handler runs whenever it can. */
  void watch(Worker worker, int operations, Runnable handler) {
    SelectionKey key = keys.get(worker.id());
    if (key != null && key.isValid()) {
      handlers.put(worker.id(), handler);
      key.interestOps(operations);
    }
  }

  void unwatch(Worker worker) {
    SelectionKey key = keys.get(worker.id());
    handlers.remove(worker.id());
    if (key != null && key.isValid()) {
      key.interestOps(0);
    }
  }

  /** A worker's connection is ready for what was asked of it. */
  void ready(long worker, SelectionKey key) {
    Runnable handler = handlers.get(worker);
    if (handler == null) {
      key.interestOps(0);
    } else {
      handler.run();
    }
  }

  /** A worker has been reaped: its handler reads what it had still said, and learns of the end. */
  void ended(Worker worker) {
    Runnable handler = handlers.remove(worker.id());
    if (handler != null) {
      handler.run();
    }
    keys.remove(worker.id());
  }
}
