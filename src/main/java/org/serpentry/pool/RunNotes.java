// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;
import org.serpentry.worker.Launcher;
import org.serpentry.worker.Run;
import org.serpentry.worker.Worker;

/**
 * Keeps the run registry informed of what lives, and has killed what a lost launcher leaves behind.
 * Called on the reactor; files and {@code /proc} are left to the thread for chores. What is not
 * written yet when the JVM dies is found by its mark.
 */
final class RunNotes {

  private static final Logger LOG = System.getLogger(RunNotes.class.getName());
  private static final long WRITE_MILLIS = 50;

  private final PoolContext context;
  private final Crew crew;
  private final Run run;
  private final AtomicBoolean due = new AtomicBoolean();

  RunNotes(PoolContext context, Crew crew) {
    this.context = context;
    this.crew = crew;
    this.run = context.run();
  }

  /** A process exists; 0 is none. */
  void started(long pid) {
    if (pid != 0) {
      run.started(pid);
      write();
    }
  }

  /** A worker has been reaped; null is one that is known no more. */
  void ended(Worker worker) {
    if (worker != null) {
      run.ended(worker.pid());
      write();
    }
  }

  private void write() {
    if (due.compareAndSet(false, true)) {
      context.chores().schedule(WRITE_MILLIS, this::writeNow);
    }
  }

  private void writeNow() {
    due.set(false); // Before the look at what is noted: what comes after it is written next time.
    try {
      run.write();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "The run registry cannot be written", e);
    }
  }

  /** A launcher is lost, and its workers with it; whatever those have started may live on. */
  void lost(Launcher launcher, int number) {
    if (launcher == null) {
      return;
    }
    run.ended(launcher.pid());
    context
        .chores()
        .execute(
            () -> {
              int killed = run.endAllOf(number);
              if (killed > 0) {
                context
                    .reactor()
                    .execute(
                        () ->
                            crew.announcer()
                                .inform(
                                    "%d processes that the lost launcher left were ended"
                                        .formatted(killed)));
              }
            });
  }
}
