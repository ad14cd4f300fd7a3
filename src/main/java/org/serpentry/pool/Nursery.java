// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.serpentry.api.FailureKind;
import org.serpentry.config.PoolConfig;
import org.serpentry.spi.PoolListener.WorkerRef;
import org.serpentry.transport.FrameChannel;
import org.serpentry.worker.ControlReports;
import org.serpentry.worker.ExitReport;
import org.serpentry.worker.Hello;
import org.serpentry.worker.Launcher;
import org.serpentry.worker.TemplateFailure;
import org.serpentry.worker.Worker;

/**
 * Where workers come from: the launcher and its {@link Templates}. Either may die, stop or never
 * come up; it is then replaced, at once the first time and with a growing delay after that.
 * Everything runs on the reactor.
 */
final class Nursery implements ControlReports {

  private final PoolContext context;
  private final PoolConfig config;
  private final Crew crew;
  private final LaunchRequests requests;
  private final Backoff launcherBackoff;
  private final Templates templates;
  private final RunNotes notes;
  private final DumpRequests dumps = new DumpRequests();
  private volatile Launcher launcher;
  private int launchers;
  private boolean proven;
  private boolean closed;

  Nursery(PoolContext context, Crew crew) {
    this.context = context;
    this.config = context.config();
    this.crew = crew;
    this.requests = new LaunchRequests(context);
    this.notes = new RunNotes(context, crew);
    this.launcherBackoff = new Backoff(config);
    this.templates = new Templates(context, crew, this, requests);
  }

  /** Starts the launcher, unless there is one. */
  void prepare() {
    if (launcher == null && !closed && !crew.supervisor().failed()) {
      try {
        Launcher next =
            new Launcher(requests.launcher(++launchers), context.codec(), context.reactor(), this);
        launcher = next;
        next.start(context.starter());
        notes.started(next.pid());
      } catch (IOException e) {
        launcherLost("the launcher could not be started: " + e.getMessage());
      } catch (RuntimeException e) {
        // The starter may be anybody's. Nothing else would ever try again.
        launcherLost("the launcher could not be started: " + e);
      }
    }
  }

  /**
   * Has another launcher take over, with what the settings say now; workers end with the old one.
   */
  void renew(String reason) {
    if (launcher != null) {
      launcher.end(reason);
    }
    prepare(); // At once, whatever pause a failure before has begun.
  }

  /** Whether a worker can be started now. */
  boolean ready() {
    return launcher != null && launcher.connected() && templates.ready();
  }

  void spawn(Worker worker) {
    send("spawn", requests.spawn(worker));
  }

  /** Has the launcher act on a worker's process: cancel, dump, term, kill, stop or cont. */
  void signal(Worker worker, String action) {
    if (action.equals("kill")) {
      crew.restarts().killers().poolKills(worker.id(), "");
    } else if (action.equals("dump")) {
      dumps.askedForAll(worker.id());
    }
    sendSignal(worker, action);
  }

  /** Who waits for stack dumps. */
  DumpRequests dumps() {
    return dumps;
  }

  /** Asks for a dump that only {@link DumpRequests#ask} hears of. */
  void signalDump(Worker worker) {
    sendSignal(worker, "dump");
  }

  private void sendSignal(Worker worker, String action) {
    if (launcher != null) {
      launcher.send("signal", Map.of("worker", worker.id(), "action", action));
    }
  }

  // ---- the launcher

  String launcherArrived(Hello hello, FrameChannel channel, SelectionKey key) {
    return launcher == null || closed
        ? "no launcher is expected"
        : launcher.arrived(hello, channel, key);
  }

  void launcherWelcomed() {
    templates.launcherUp();
  }

  void launcherReadable() {
    if (launcher != null) {
      launcher.ready();
    }
  }

  @Override
  public void launcherLost(String reason) {
    Launcher ended = launcher;
    launcher = null;
    notes.lost(ended, launchers);
    templates.launcherDown();
    if (closed) {
      crew.launcherLost("the pool was closed");
      return;
    }
    List<String> own = ended == null || ended.connected() ? List.of() : ended.ownOutput();
    String text = own.isEmpty() ? reason : reason + "; its output:\n  " + String.join("\n  ", own);
    crew.announcer().warn("the launcher was lost: " + text);
    crew.launcherLost(reason);
    if (crew.supervisor().mayRestart(Supervisor.LAUNCHER, text)) {
      failed(FailureKind.LAUNCHER_LOST, launcherBackoff, text, this::prepare);
    }
  }

  @Override
  public void pong(long nonce) {
    if (launcher != null) {
      launcher.pong(nonce);
    }
  }

  // ---- the templates

  Templates templates() {
    return templates;
  }

  boolean connected() {
    return launcher != null && launcher.connected() && !closed;
  }

  void send(String op, Map<String, ?> members) {
    if (launcher != null) {
      launcher.send(op, members);
    }
  }

  /** A template has come up: whatever fails from now on has worked before. */
  void proven() {
    proven = true;
    launcherBackoff.reset();
  }

  @Override
  public void templateReady(int which, int pid, long importMillis, List<String> warnings) {
    notes.started(pid);
    templates.ready(which, pid, importMillis, warnings);
  }

  @Override
  public void templateFailed(int which, TemplateFailure failure) {
    templates.failed(which, failure);
  }

  /**
   * Tries again. A first failure of what has worked before is mended while callers wait; any other
   * is told to them, since waiting might be in vain.
   */
  void failed(FailureKind kind, Backoff backoff, String reason, Runnable again) {
    if (!proven || backoff.attempts() > 0) {
      crew.outage().startFailed(reason);
    }
    long delay = backoff.nextMillis();
    int slot =
        kind == FailureKind.LAUNCHER_LOST ? WorkerRef.LAUNCHER_SLOT : WorkerRef.TEMPLATE_SLOT;
    crew.recoverer().sourceFailed(source(slot), kind, reason, delay);
    context.reactor().schedule(delay, TimeUnit.MILLISECONDS, again);
  }

  private WorkerRef source(int slot) {
    return new WorkerRef(config.name(), slot, 0, 0);
  }

  // ---- workers

  @Override
  public void workerStarted(long worker, int pid) {
    notes.started(pid);
    crew.workerStarted(worker, pid);
  }

  @Override
  public void spawnFailed(long worker, String reason) {
    crew.workerExited(worker, ExitReport.unseen("it could not be started: " + reason));
  }

  @Override
  public void workerExited(long worker, ExitReport exit) {
    notes.ended(crew.worker(worker));
    dumps.ended(worker);
    crew.workerExited(worker, exit);
  }

  @Override
  public void workerOutput(long worker, String stream, List<String> lines) {
    tell(worker, ref -> context.listeners().tell(l -> l.onOutput(ref, stream, lines)));
  }

  @Override
  public void workerLog(long worker, List<Map<String, Object>> records) {
    tell(worker, ref -> context.listeners().tell(l -> l.onLog(ref, records)));
  }

  @Override
  public void workerDump(long worker, String text) {
    crew.ladder().dumped(worker, text);
    if (dumps.arrived(worker, text)) {
      tell(worker, ref -> context.listeners().tell(l -> l.onDump(ref, text)));
    }
  }

  @Override
  public void progress(long worker, long request, Object value) {
    tell(worker, ref -> context.listeners().tell(l -> l.onProgress(ref, request, value)));
  }

  @Override
  public void outputDropped(long worker, long lines) {
    tell(worker, ref -> context.listeners().tell(l -> l.onOutputDropped(ref, lines)));
  }

  private void tell(long id, Consumer<WorkerRef> event) {
    if (id == 0) {
      event.accept(source(WorkerRef.TEMPLATE_SLOT));
      return;
    }
    Worker worker = crew.worker(id);
    if (worker != null) {
      event.accept(crew.announcer().ref(worker));
    }
  }

  /** Starts nothing any more and asks the launcher to end everything. */
  void close() {
    closed = true;
    templates.close();
  }

  /** Asks the launcher to end its workers, and returns it; null when there is none. */
  Launcher shutdown(long graceMillis) {
    if (launcher != null) {
      launcher.shutdown(graceMillis);
    }
    return launcher;
  }

  /** Reads what the launcher has still said and closes its channel, after its process's end. */
  void endAll() {
    if (launcher != null) {
      launcher.end("the pool was closed");
    }
  }

  /** The launcher's process id, or 0. */
  long launcherPid() {
    Launcher present = launcher;
    return present == null ? 0 : present.pid();
  }
}
