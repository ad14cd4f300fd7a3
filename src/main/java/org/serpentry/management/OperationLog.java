// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.serpentry.management.PythonPoolMXBean.Operation;

/** The last long operations and how they stand. Any thread may call. */
final class OperationLog {

  private static final int KEPT = 50;

  private final BoundedLog<Entry> entries = new BoundedLog<>(KEPT);
  private final AtomicLong ids = new AtomicLong();
  private final Clock clock;

  OperationLog(Clock clock) {
    this.clock = clock;
  }

  /** Notes that an operation has begun. */
  Entry begin(String name) {
    Entry entry =
        new Entry(name + "-" + ids.incrementAndGet(), name, clock.instant().toString(), clock);
    entries.add(entry);
    return entry;
  }

  List<Operation> operations() {
    List<Operation> views = new ArrayList<>();
    for (Entry entry : entries.items()) {
      views.add(entry.view());
    }
    return views;
  }

  /** One operation; its end is one write, so that state and time always belong together. */
  static final class Entry {
    private final String id;
    private final String name;
    private final String started;
    private final Clock clock;
    private volatile Operation end;

    private Entry(String id, String name, String started, Clock clock) {
      this.id = id;
      this.name = name;
      this.started = started;
      this.clock = clock;
    }

    String id() {
      return id;
    }

    /**
     * Notes the end, in failure when there is a cause.
     *
     * @param result what came of it, or empty
     * @return the state shown
     */
    String end(Throwable cause, String result) {
      String done = result.isEmpty() ? "DONE" : "DONE: " + result;
      Throwable root =
          cause instanceof CompletionException e && e.getCause() != null ? e.getCause() : cause;
      String state = root == null ? done : "FAILED: " + root.getMessage();
      end = new Operation(clock.instant().toString(), id, name, started, state);
      return state;
    }

    private Operation view() {
      Operation ended = end;
      return ended != null ? ended : new Operation("", id, name, started, "RUNNING");
    }
  }
}
