// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing.junit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.serpentry.spi.PoolListener.WorkerRef;
import org.serpentry.testing.PoolWatcher;

/**
 * What workers have said, as a part of a test's failure: it is added as a suppressed exception, so
 * that it stands in every report. It has no stack trace.
 */
public final class PythonLog extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int MOST_LINES = 200;

  private PythonLog(String text) {
    super(text, null, false, false);
  }

  /** The end of what is told by events of a watcher. */
  static PythonLog of(String pool, List<Object> events) {
    List<String> lines = new ArrayList<>();
    events.forEach(event -> add(lines, event));
    if (lines.isEmpty()) {
      return new PythonLog("the workers of the pool " + pool + " have said nothing in this test");
    }
    int skipped = Math.max(0, lines.size() - MOST_LINES);
    return new PythonLog(
        "what the workers of the pool %s said in this test%s:%n  %s"
            .formatted(
                pool,
                skipped == 0 ? "" : " (without the first " + skipped + " lines)",
                String.join("\n  ", lines.subList(skipped, lines.size()))));
  }

  private static void add(List<String> lines, Object event) {
    if (event instanceof PoolWatcher.Printed printed) {
      printed.lines().forEach(l -> lines.add(of(printed.worker(), printed.stream(), l)));
    } else if (event instanceof PoolWatcher.Logged logged) {
      logged.records().forEach(record -> add(lines, logged.worker(), record));
    } else if (event instanceof PoolWatcher.Dumped dumped) {
      dumped.text().lines().forEach(l -> lines.add(of(dumped.worker(), "stacks", l)));
    } else if (event instanceof PoolWatcher.Exited exited) {
      lines.add(of(exited.worker(), "exit", exited.how()));
    }
  }

  private static void add(List<String> lines, WorkerRef worker, Map<String, Object> record) {
    lines.add(
        of(
            worker,
            "log",
            record.get("level") + " " + record.get("logger") + ": " + record.get("message")));
    if (record.get("traceback") instanceof String traceback) {
      traceback.lines().forEach(l -> lines.add(of(worker, "log", l)));
    }
  }

  private static String of(WorkerRef worker, String kind, String line) {
    String who = worker.worker() == 0 ? "template" : "worker " + worker.slot();
    return "[" + who + " " + kind + "] " + line;
  }
}
