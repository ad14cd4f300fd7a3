// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.serpentry.api.AbandonedCallException;
import org.serpentry.api.FailureKind;
import org.serpentry.api.Outcome;
import org.serpentry.api.PythonPoolException;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.protocol.MalformedFrameException;
import org.serpentry.transport.OutgoingCall;
import org.serpentry.transport.Reactor;
import org.serpentry.transport.SharedWriter;
import org.serpentry.worker.RunningCall;
import org.serpentry.worker.Worker;

/**
 * A worker with several places, as its calls see it: they are written by whoever has them, read by
 * the reactor, and matched by their ids. What happens to one call, its deadline, its cancellation,
 * its being stuck, is no concern of its neighbours; the end of the worker ends them all, each with
 * an exception of its own.
 *
 * <p>{@link #send} and {@link #oldest} may be called by any thread, everything else by the reactor.
 */
final class Lane implements SharedWriter.Events {

  private static final long EXIT_REPORT_MILLIS = 1_000;

  /** How all calls of a worker end that nobody can answer any more. */
  private record Ending(Outcome outcome, Function<SharedCall, PythonPoolException> failure) {
    Supplier<PythonPoolException> of(SharedCall call) {
      return () -> failure.apply(call);
    }
  }

  private final PoolContext context;
  private final Crew crew;
  private final Failures failures;
  private final Worker worker;
  private final SharedWriter writer;
  private final Map<Long, SharedCall> calls = new ConcurrentHashMap<>();
  private volatile Ending ending;
  private volatile boolean blocked;
  private boolean lost;
  private boolean stuck;

  Lane(PoolContext context, Crew crew, Failures failures, Worker worker) {
    this.context = context;
    this.crew = crew;
    this.failures = failures;
    this.worker = worker;
    this.writer = new SharedWriter(worker.channel().sending(), context.nanoTime(), this);
  }

  /** Begins to read. */
  void open() {
    crew.replyWatch().stand(worker, SelectionKey.OP_READ, this::ready);
  }

  /** Sends a call, which has a place here. When something is thrown it has not been sent. */
  void send(SharedCall call, OutgoingCall frame, long deadline) {
    calls.put(call.id(), call);
    Ending now = ending;
    if (now != null) {
      end(call, now); // Nobody comes by to do so any more.
    } else {
      try {
        writer.send(frame, deadline);
      } catch (RuntimeException | Error e) {
        calls.remove(call.id());
        throw e;
      }
    }
  }

  /** The call that has run for the longest time, or null. */
  SharedCall oldest() {
    return calls.values().stream().min(Comparator.comparingLong(SharedCall::begin)).orElse(null);
  }

  /** All its calls, the longest running first. Any thread may call. */
  List<RunningCall> running() {
    return calls.values().stream()
        .sorted(Comparator.comparingLong(SharedCall::begin))
        .map(SharedCall::running)
        .toList();
  }

  // ---- reading

  @Override
  public void blocked() {
    blocked = true;
    context.reactor().execute(() -> watch(SelectionKey.OP_READ | SelectionKey.OP_WRITE));
  }

  @Override
  public void broken(IOException failure) {
    context.reactor().execute(this::lost);
  }

  @Override
  public void spoilt(Throwable thrown) {
    context
        .reactor()
        .execute(
            () -> {
              context.reactor().report(thrown);
              lost = true; // Nothing can follow half a request, whatever has ended the calls.
              watch(0);
              if (ending == null) {
                broke(FailureKind.REPLY_LOST, thrown, "a request could not be written: " + thrown);
              }
            });
  }

  private void watch(int operations) {
    crew.replyWatch().stand(worker, lost ? 0 : operations, this::ready);
  }

  private void ready() {
    if (lost) {
      return;
    }
    if (blocked) {
      blocked = false;
      watch(SelectionKey.OP_READ);
      writer.writable();
    }
    try {
      for (Frame frame = worker.channel().receive();
          frame != null;
          frame = worker.channel().receive()) {
        received(frame);
      }
      if (worker.exit().isDone()) {
        lost(); // It may have answered before it died, and has been heard.
      }
    } catch (MalformedFrameException e) {
      broke(FailureKind.MALFORMED_REPLY, e, e.getMessage());
    } catch (IOException e) {
      lost();
    } catch (RuntimeException | Error e) {
      // No memory for a reply, for example: what is left on the connection cannot be told.
      broke(FailureKind.REPLY_LOST, e, "a reply was lost: " + e);
      context.reactor().report(e);
    }
  }

  private void received(Frame frame) throws MalformedFrameException {
    if (frame.kind() == FrameKind.ITEM && takes(frame)) {
      return;
    }
    SharedCall call = calls.remove(frame.requestId());
    if (call == null) {
      return; // A late reply to a probe.
    }
    if (call.unwanted() != null) {
      call.unwanted().over();
    }
    Outcome outcome = call.pool().replies().outcome(frame);
    boolean wanted = call.claim();
    if (outcome == Outcome.WORKER_FAILURE) {
      MalformedFrameException unexpected = call.pool().replies().unexpected(frame);
      if (wanted) {
        call.ended(outcome);
        call.fail(() -> failures.malformed(call.request(), worker, call.id(), unexpected));
      }
      broke(FailureKind.MALFORMED_REPLY, unexpected, "it sent a " + frame.kind());
      return;
    }
    if (wanted) {
      worker.answered();
      call.ended(outcome);
    }
    call.pool().giveBack(worker);
    if (wanted) {
      call.answer(frame);
    }
    endStuckWorker();
  }

  /** Takes in an item, or drops one that nobody wants any more; false when there can be none. */
  private boolean takes(Frame frame) throws MalformedFrameException {
    SharedCall call = calls.get(frame.requestId());
    if (call != null && call.feed() == null) {
      return false;
    }
    if (call != null && call.unwanted() == null && call.open()) {
      call.feed().item(frame);
    }
    return true;
  }

  /** Sends a ready-made frame. */
  void tell(byte[] frame) {
    writer.send(frame);
  }

  // ---- the end of them all

  /** Its connection has ended; its exit report, which says how, follows closely. */
  private void lost() {
    if (lost) {
      return;
    }
    lost = true;
    if (worker.exit().isDone()) {
      crashed();
    } else {
      watch(0);
      context.reactor().schedule(EXIT_REPORT_MILLIS, TimeUnit.MILLISECONDS, this::crashed);
      worker.onExit(() -> context.reactor().execute(this::crashed));
    }
  }

  private void crashed() {
    if (ending == null) {
      endAll(
          new Ending(
              Outcome.WORKER_FAILURE,
              call -> failures.crashed(call.request(), worker, call.id(), worker.awaitExit(0))));
      crew.recoverer().lost(worker, FailureKind.CONNECTION_LOST, "its connection ended");
    }
  }

  private void broke(FailureKind kind, Throwable cause, String reason) {
    lost = true;
    watch(0);
    endAll(
        new Ending(
            Outcome.WORKER_FAILURE,
            call -> failures.malformed(call.request(), worker, call.id(), cause)));
    crew.recoverer().lost(worker, kind, reason);
  }

  /** Ends the calls because the pool is being closed. */
  void close() {
    endAll(
        new Ending(
            Outcome.CANCELLED, call -> failures.closedDuring(call.request(), worker, call.id())));
  }

  private void endAll(Ending how) {
    ending = how;
    for (SharedCall call : List.copyOf(calls.values())) {
      end(call, how);
    }
  }

  private void end(SharedCall call, Ending how) {
    if (calls.remove(call.id()) != null && call.claim()) {
      call.ended(how.outcome());
      call.fail(how.of(call));
    }
  }

  // ---- calls that nobody wants any more

  /** Gives a call up for an operator; its caller hears of it. False when it is not here. */
  boolean abort(long requestId) {
    SharedCall call = calls.get(requestId);
    if (call == null || !call.claim()) {
      return false;
    }
    AbandonedCallException failure =
        failures.cancelled(call.request(), worker, call.id(), PoolOperator.NAME);
    call.ended(Outcome.CANCELLED);
    giveUp(call, failure);
    call.fail(() -> failure);
    return true;
  }

  /** Takes over a call that its caller has given up, and with it its place. */
  void giveUp(SharedCall call, AbandonedCallException failure) {
    if (ending == null && calls.containsKey(call.id())) {
      call.unwanted(new Unwanted(call, failure));
      call.unwanted().cancel();
    }
  }

  /** Adds a stack dump to the failures that the callers of stuck calls have got. */
  void dumped(String stacks) {
    for (SharedCall call : calls.values()) {
      if (call.unwanted() != null && call.unwanted().failure != null) {
        call.unwanted().failure.dumped(stacks);
      }
    }
  }

  /**
   * Ends a worker with a stuck call as soon as it has no other. Its neighbours had their deadlines,
   * hence an end.
   */
  private void endStuckWorker() {
    if (stuck
        && ending == null
        && !calls.isEmpty()
        && calls.values().stream().allMatch(c -> c.unwanted() != null && c.unwanted().abandoned)) {
      stuck = false;
      crew.ladder().terminate(worker, oldest().id());
    }
  }

  /** What a call meets that has been given up: cancelled, then abandoned to the worker's end. */
  final class Unwanted {
    private final SharedCall call;
    private final AbandonedCallException failure;
    private Reactor.Timer timer;
    private boolean abandoned;

    Unwanted(SharedCall call, AbandonedCallException failure) {
      this.call = call;
      this.failure = failure;
    }

    void cancel() {
      crew.ladder().note(worker, Ladder.Rung.CANCEL, call.id());
      writer.send(Frame.cancel(call.id()));
      next(context.config().cancelGrace().toMillis(), this::abandon);
    }

    private void abandon() {
      crew.ladder().note(worker, Ladder.Rung.DUMP, call.id());
      crew.nursery().signal(worker, "dump");
      crew.ladder().note(worker, Ladder.Rung.ABANDON, call.id());
      crew.lanes().replace(worker);
      next(
          context.config().dumpGrace().toMillis(),
          () -> {
            abandoned = true;
            stuck = true;
            endStuckWorker();
          });
    }

    private void next(long millis, Runnable step) {
      Runnable ifStill =
          () -> {
            if (ending == null && calls.containsKey(call.id())) {
              step.run();
            }
          };
      timer = context.reactor().schedule(millis, TimeUnit.MILLISECONDS, ifStill);
    }

    void over() {
      timer.cancel();
    }
  }
}
