// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.serpentry.attachment.SharedMemory;
import org.serpentry.transport.Endpoint;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.Launcher;
import org.serpentry.worker.Run;

/**
 * The last steps of a pool's end: the launcher's process, the control thread, the socket, the run
 * directory. Every step is taken whatever became of those before it. Called once.
 */
final class PoolShutdown {

  private static final Logger LOG = System.getLogger(PoolShutdown.class.getName());
  private static final long REACTOR_MILLIS = 5_000;

  private final Reactor reactor;
  private final Endpoint endpoint;
  private final Path runDirectory;
  private final Chores chores;
  private final Run run;
  private Runnable lastOnReactor = () -> {};

  PoolShutdown(Reactor reactor, Endpoint endpoint, Path runDirectory, Chores chores, Run run) {
    this.reactor = reactor;
    this.endpoint = endpoint;
    this.runDirectory = runDirectory;
    this.chores = chores;
    this.run = run;
  }

  /** Sets what the reactor does last, once the launcher has ended. Called before its start. */
  void lastOnReactor(Runnable task) {
    lastOnReactor = task;
  }

  /** Waits for the launcher to leave, ends it when it does not, and clears up. */
  void finish(CompletableFuture<Launcher> leaving, long millis) {
    boolean interrupted = false;
    boolean orderly = false;
    try {
      Launcher launcher = leaving.get(REACTOR_MILLIS, TimeUnit.MILLISECONDS);
      orderly = launcher == null;
      if (launcher != null) {
        orderly = launcher.awaitEnd(millis);
      }
    } catch (InterruptedException e) {
      interrupted = true;
    } catch (ExecutionException | TimeoutException e) {
      LOG.log(Level.ERROR, "The pool's control thread did not answer at its end", e);
    }
    // Given before the stop, so it runs; the reactor may not have read the launcher's end by then.
    reactor.execute(lastOnReactor);
    interrupted |= !stopReactor();
    chores.close();
    if (!orderly) {
      run.endAll(); // A launcher that ends as it should has seen to that.
    }
    try {
      endpoint.close();
      SharedMemory.sweepRun(runDirectory, run.id());
      delete(runDirectory);
      run.close();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "The run directory " + runDirectory + " could not be removed", e);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean stopReactor() {
    try {
      if (!reactor.stop(REACTOR_MILLIS)) {
        LOG.log(Level.ERROR, "The pool's control thread has not ended");
      }
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : (Iterable<Path>) paths.sorted(Comparator.reverseOrder())::iterator) {
        Files.deleteIfExists(path);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
