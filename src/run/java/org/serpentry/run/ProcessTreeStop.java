// SPDX-License-Identifier: Apache-2.0
package org.serpentry.run;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ends a process in its own orderly way, then whatever it and its children have left behind. Made
 * for a shutdown hook: runs once, blocks until all are gone or the time is up.
 */
final class ProcessTreeStop implements Runnable {
  private static final Duration ORDERLY = Duration.ofSeconds(30);
  private static final Duration AFTER_THE_PARENT = Duration.ofSeconds(5);

  private final ProcessHandle root;

  ProcessTreeStop(ProcessHandle root) {
    this.root = root;
  }

  @Override
  public void run() {
    // Taken first: once the parent is gone, its children are nobody's descendants.
    List<ProcessHandle> descendants = root.descendants().toList();
    root.destroy();
    awaitOrKill(List.of(root), ORDERLY);
    awaitOrKill(descendants, AFTER_THE_PARENT);
  }

  private static void awaitOrKill(List<ProcessHandle> processes, Duration limit) {
    var exits = processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new);
    try {
      CompletableFuture.allOf(exits).get(limit.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      processes.forEach(ProcessTreeStop::kill);
    } catch (InterruptedException e) {
      processes.forEach(ProcessTreeStop::kill);
      Thread.currentThread().interrupt();
    }
  }

  private static void kill(ProcessHandle process) {
    if (process.isAlive()) {
      System.err.println("Process " + process.pid() + " did not end; killing it.");
      process.destroyForcibly();
    }
  }
}
