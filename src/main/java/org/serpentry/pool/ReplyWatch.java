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
  private final Map<Long, SelectionKey> sendingKeys = new HashMap<>();
  private final Map<Long, Runnable> handlers = new HashMap<>();
  private final Map<Long, Runnable> standing = new HashMap<>();

  /** Notes the registration of a worker's connection with the reactor. */
  void connected(long worker, SelectionKey key) {
    keys.put(worker, key);
  }

  /** Notes the registration of the connection on which a worker gets its calls, if it has one. */
  void sendingConnected(long worker, SelectionKey key) {
    sendingKeys.put(worker, key);
  }

  /** Reads, or goes on writing, for a leased worker: the handler runs whenever it can. */
  void watch(Worker worker, int operations, Runnable handler) {
    SelectionKey key = keys.get(worker.id());
    if (key != null && key.isValid()) {
      handlers.put(worker.id(), handler);
      interest(worker.id(), operations);
    }
  }

  /** Reads a worker at all times when no lease does, until its end. */
  void stand(Worker worker, int operations, Runnable handler) {
    standing.put(worker.id(), handler);
    if (!handlers.containsKey(worker.id())) {
      interest(worker.id(), operations);
    }
  }

  void unwatch(Worker worker) {
    handlers.remove(worker.id());
    interest(worker.id(), standing.containsKey(worker.id()) ? SelectionKey.OP_READ : 0);
  }

  private void interest(long worker, int operations) {
    SelectionKey key = keys.get(worker);
    SelectionKey sending = sendingKeys.getOrDefault(worker, key);
    if (sending != key && sending.isValid()) {
      sending.interestOps(operations & SelectionKey.OP_WRITE);
    }
    if (key != null && key.isValid()) {
      key.interestOps(sending == key ? operations : operations & SelectionKey.OP_READ);
    }
  }

  /** A worker's connection is ready for what was asked of it. */
  void ready(long worker, SelectionKey key) {
    Runnable handler = handlers.getOrDefault(worker, standing.get(worker));
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
    Runnable last = standing.remove(worker.id());
    if (last != null) {
      last.run();
    }
    keys.remove(worker.id());
    sendingKeys.remove(worker.id());
  }
}
