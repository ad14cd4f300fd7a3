// SPDX-License-Identifier: Apache-2.0
package org.serpentry.chaos;

import java.util.LinkedHashMap;
import java.util.Map;
import org.serpentry.api.WorkerState;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.PoolSnapshot.SlotView;

/** What is printed after a run. */
final class Report {

  private final Map<String, Object> lines = new LinkedHashMap<>();

  Report(Tally tally, EventCounts events, Adversary adversary, PoolSnapshot last) {
    note("calls", tally.calls());
    note("successes", tally.successes());
    note("seconds with successes", tally.livelySeconds());
    note("typed failures", tally.failures());
    note("misdelivered", tally.misdelivered());
    note("lost", tally.lost());
    note("untyped", tally.untyped());
    note("longest call", tally.longest());
    note("retries", last.calls().retries());
    note("strikes", adversary.struck());
    note("reloads", adversary.reloads());
    note("launchers", adversary.launchers().size());
    note("replacements", last.workers().stream().mapToLong(SlotView::restarts).sum());
    note("ladder", last.ladder());
    events.counts().forEach(this::note);
    note("final size", last.states().get(WorkerState.READY) + " of " + last.size());
  }

  final Report note(String name, Object value) {
    lines.put(name, value);
    return this;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("chaos:\n");
    lines.forEach((name, value) -> text.append("  %-24s %s%n".formatted(name, value)));
    return text.toString();
  }
}
