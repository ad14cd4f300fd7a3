// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.serpentry.spi.PoolListener.WorkerRef;

/** What happens to workers, as events of the Flight Recorder. */
final class WorkerEvents {

  private WorkerEvents() {}

  /** Names the worker of an event. */
  @Category("Serpentry")
  @StackTrace(false)
  abstract static class OfWorker extends Event {

    @Label("Pool")
    String pool;

    @Label("Slot")
    @Description("-1: the pool's template")
    int slot;

    @Label("Worker")
    long worker;

    @Label("Process")
    int pid;

    final void of(WorkerRef ref) {
      pool = ref.pool();
      slot = ref.slot();
      worker = ref.worker();
      pid = ref.pid();
    }
  }

  /** A worker serves from now on. */
  @Name("org.serpentry.WorkerStart")
  @Label("Python Worker Start")
  @Description("A worker serves from now on")
  static final class WorkerStart extends OfWorker {

    @Label("Start Time Taken")
    @Description("From the decision to start it until it could serve")
    @Timespan(Timespan.NANOSECONDS)
    long took;
  }

  /** A worker's process has been reaped. */
  @Name("org.serpentry.WorkerEnd")
  @Label("Python Worker End")
  @Description("A worker's process has been reaped")
  static final class WorkerEnd extends OfWorker {

    @Label("How")
    @Description("Exit status, signal and what else is known")
    String how;

    @Label("Expected")
    @Description("Whether the pool had asked it to end")
    boolean expected;
  }

  /** A worker was told to leave. */
  @Name("org.serpentry.Recycle")
  @Label("Python Worker Recycle")
  @Description("A worker was told to leave, because of a limit or on demand")
  static final class Recycle extends OfWorker {

    @Label("Limit")
    @Description("The limit's key, or who asked for it")
    String limit;

    @Label("Bound")
    String bound;

    @Label("Value")
    String value;
  }

  /** A verdict on a worker. */
  @Name("org.serpentry.Health")
  @Label("Python Worker Health")
  @Description("A verdict on a worker's health")
  static final class HealthVerdict extends OfWorker {

    @Label("Health")
    String health;

    @Label("Activity")
    String activity;

    @Label("Failures")
    @Description("Probes in a row that have failed")
    int failures;

    @Label("Reason")
    String reason;
  }

  /** A failure of a worker and what is done about it. */
  @Name("org.serpentry.Recovery")
  @Label("Python Worker Recovery")
  @Description("A failure of a worker, and what is done about it")
  static final class Recovery extends OfWorker {

    @Label("Failure")
    String failure;

    @Label("Detail")
    String detail;

    @Label("Action")
    String action;

    @Label("Delay")
    @Timespan(Timespan.MILLISECONDS)
    long delay;

    @Label("Reason")
    String reason;
  }

  /** A call beyond its threshold. */
  @Name("org.serpentry.SlowCall")
  @Label("Python Slow Call")
  @Description("A call has run for longer than its slow-call-threshold")
  static final class Slow extends OfWorker {

    @Label("Function")
    String function;

    @Label("Request")
    long request;

    @Label("Running")
    @Timespan(Timespan.MILLISECONDS)
    long running;

    @Label("Queue")
    @Description("Waiting for a worker before that; -1: not known")
    @Timespan(Timespan.MILLISECONDS)
    long queue;

    @Label("Caller")
    String caller;

    @Label("Session")
    String session;

    @Label("Trace Context")
    String traceparent;

    @Label("Caller's Stack")
    @Description("Where the call was made, the innermost frame first")
    String callerStack;

    @Label("Python Stacks")
    String pythonStacks;
  }
}
