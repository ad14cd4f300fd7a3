// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.serpentry.config.LifeConfig;
import org.serpentry.config.SlowCallThresholds;
import org.serpentry.spi.PoolListener.SlowCall;
import org.serpentry.spi.PoolListener.WorkerRef;
import org.serpentry.spi.SlowCallEvidence;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.RunningCall;
import org.serpentry.worker.RunningCall.Origin;
import org.serpentry.worker.Worker;

/**
 * Looks for calls that run for longer than their threshold, and tells of each once, with the stacks
 * on both sides as they are at that moment. One that ended between two looks is told of at its end.
 *
 * <p>A caller that waits is still where it made its call, so its stack costs nothing until it is
 * taken here. An asynchronous caller is gone by then: once a call of a function was slow, the stack
 * of whoever calls that function asynchronously is taken at the call, which then hardly matters.
 *
 * <p>{@link #ended}, {@link #origin} and {@link #stackOf} are called by any thread, everything else
 * on the reactor.
 */
final class SlowCalls {

  private static final long LEAST_LOOK_MILLIS = 50;
  private static final long MOST_LOOK_MILLIS = 1_000;
  private static final long DUMP_MILLIS = 2_000;
  private static final int STACKS_A_SECOND = 10;
  private static final int MOST_SUSPECTS = 1_000;
  private static final String VERBS = FunctionRequest.class.getName();

  private final PoolContext context;
  private final Crew crew;
  private final Set<Long> told = ConcurrentHashMap.newKeySet();
  private final Set<String> suspects = ConcurrentHashMap.newKeySet();
  private volatile SlowCallThresholds thresholds = new SlowCallThresholds(Duration.ZERO, List.of());
  private boolean looking;
  private long second;
  private int stacksInIt;

  SlowCalls(PoolContext context, Crew crew) {
    this.context = context;
    this.crew = crew;
  }

  /** Begins to look, where the settings say so now. */
  void start() {
    LifeConfig settings = context.config().life();
    thresholds =
        new SlowCallThresholds(settings.slowCallThreshold(), settings.slowCallThresholds());
    lookLater();
  }

  private void lookLater() {
    long least = thresholds.least();
    if (looking || least == SlowCallThresholds.NEVER) {
      return;
    }
    looking = true;
    long half = TimeUnit.NANOSECONDS.toMillis(least / 2);
    context
        .reactor()
        .schedule(
            Math.max(LEAST_LOOK_MILLIS, Math.min(MOST_LOOK_MILLIS, half)),
            TimeUnit.MILLISECONDS,
            () -> {
              looking = false;
              lookLater();
              look();
            });
  }

  void look() {
    // Those told of before. What ends while this one looks is told then, and kept for the next.
    Set<Long> over = new HashSet<>(told);
    for (Slot slot : crew.slots()) {
      Worker worker = slot.current();
      if (worker == null) {
        continue;
      }
      for (RunningCall call : crew.lanes().allRunning(worker)) {
        over.remove(call.id());
        long nanos = context.nanoTime().getAsLong() - call.since();
        if (!call.caller().isEmpty() // Else it is the pool's own.
            && nanos >= thresholds.nanos(call.target())
            && told.add(call.id())) {
          seen(worker, call, nanos);
        }
      }
    }
    told.removeAll(over);
  }

  private void seen(Worker worker, RunningCall call, long nanos) {
    Origin origin = call.origin();
    if (origin != null && origin.waiting() == null && suspects.size() < MOST_SUSPECTS) {
      suspects.add(call.target());
    }
    WorkerRef ref = crew.announcer().ref(worker);
    if (!mayTakeStacks()) {
      String why = "none: more than %d calls were slow within a second".formatted(STACKS_A_SECOND);
      tell(ref, call, nanos, evidence(call, List.of(), why));
      return;
    }
    List<StackTraceElement> stack = callerStack(worker, call);
    dump(
        worker,
        text -> {
          String note = running(worker, call) ? "" : "(The call has ended meanwhile.)\n";
          tell(ref, call, nanos, evidence(call, stack, note + text));
        });
  }

  /** Stacks interrupt nobody, but they are long, and a storm of slow calls must not drown a log. */
  private boolean mayTakeStacks() {
    long now = context.nanoTime().getAsLong();
    if (now - second >= TimeUnit.SECONDS.toNanos(1)) {
      second = now;
      stacksInIt = 0;
    }
    return stacksInIt++ < STACKS_A_SECOND;
  }

  private boolean running(Worker worker, RunningCall call) {
    return crew.lanes().allRunning(worker).contains(call);
  }

  private List<StackTraceElement> callerStack(Worker worker, RunningCall call) {
    Origin origin = call.origin();
    if (origin == null) {
      return List.of();
    }
    Thread waiting = origin.waiting();
    if (waiting == null) {
      return origin.stack() == null ? List.of() : origin.stack();
    }
    List<StackTraceElement> stack = ofTheCaller(waiting.getStackTrace());
    // Looked at afterwards: only while the call ran was it the stack of its caller.
    return running(worker, call) ? stack : List.of();
  }

  /** Without the frames below the verb with which the call was made. */
  private static List<StackTraceElement> ofTheCaller(StackTraceElement[] stack) {
    for (int i = stack.length - 1; i > 0; i--) {
      if (stack[i].getClassName().equals(VERBS)) {
        return List.of(stack).subList(i, stack.length);
      }
    }
    return List.of(stack);
  }

  private void dump(Worker worker, Consumer<String> told) {
    Dump dump = new Dump(worker, told);
    if (crew.nursery().dumps().ask(worker.id(), dump)) {
      crew.nursery().signalDump(worker);
    }
  }

  /** Waits for the stacks of a worker, which never come from one that is stopped. */
  private final class Dump implements Consumer<String> {
    private final Consumer<String> told;
    private final Reactor.Timer timer;

    Dump(Worker worker, Consumer<String> told) {
      this.told = told;
      this.timer =
          context
              .reactor()
              .schedule(
                  DUMP_MILLIS,
                  TimeUnit.MILLISECONDS,
                  () -> {
                    crew.nursery().dumps().forget(worker.id(), this);
                    accept(
                        "none within %d ms: it is stopped, or the machine is very busy"
                            .formatted(DUMP_MILLIS));
                  });
    }

    @Override
    public void accept(String text) {
      timer.cancel();
      told.accept(text);
    }
  }

  private SlowCallEvidence evidence(
      RunningCall call, List<StackTraceElement> stack, String pythonStacks) {
    Origin origin = call.origin();
    if (origin == null) { // It began while no call was ever slow.
      return new SlowCallEvidence(true, -1, -1, List.of(), stack, pythonStacks);
    }
    return new SlowCallEvidence(
        true,
        TimeUnit.NANOSECONDS.toMillis(origin.queuedNanos()),
        origin.payloadBytes(),
        origin.arguments().described(context.config().life().slowCallValues()),
        stack,
        pythonStacks);
  }

  private void tell(WorkerRef worker, RunningCall call, long nanos, SlowCallEvidence evidence) {
    SlowCall event =
        new SlowCall(
            worker,
            call.id(),
            call.target(),
            TimeUnit.NANOSECONDS.toMillis(nanos),
            call.caller(),
            call.session(),
            call.traceparent(),
            evidence);
    crew.announcer().tell(l -> l.onSlowCall(event));
  }

  // ---- any thread

  /** Where a call comes from, for when it should be slow; null while no call ever is. */
  Origin origin(
      CallRequest request,
      Thread waiting,
      List<StackTraceElement> stack,
      long queued,
      int payloadBytes) {
    return thresholds.least() == SlowCallThresholds.NEVER
        ? null
        : new Origin(request, waiting, stack, queued, payloadBytes);
  }

  /**
   * A call has ended; most have run for less than any threshold. Called while its worker still says
   * that it runs it: a look in between would find it over, and it would be told of twice.
   */
  void ended(Worker worker, long id, CallRequest request, long nanos) {
    if (nanos >= thresholds.least()
        && nanos >= thresholds.nanos(request.target())
        && told.add(id)) {
      // A caller that waits ends its call itself, unless its worker has several places.
      boolean here = !context.reactor().onThread();
      Thread thread = Thread.currentThread();
      RunningCall call =
          request.running(
              id, context.nanoTime().getAsLong() - nanos, here ? thread.getName() : "", null);
      SlowCallEvidence evidence =
          new SlowCallEvidence(
              false,
              -1,
              -1,
              request.described(context.config().life().slowCallValues()),
              here ? ofTheCaller(thread.getStackTrace()) : List.of(),
              "none: the call ended before anybody looked");
      WorkerRef ref = crew.announcer().ref(worker);
      context.reactor().execute(() -> tell(ref, call, nanos, evidence));
    }
  }

  /** The stack of the thread that makes an asynchronous call now, or null where it is not taken. */
  List<StackTraceElement> stackOf(CallRequest request) {
    return suspects.contains(request.target())
        ? ofTheCaller(Thread.currentThread().getStackTrace())
        : null;
  }
}
