// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.serpentry.api.Health;
import org.serpentry.api.WorkerState;
import org.serpentry.attachment.WorkerMemory;
import org.serpentry.protocol.Frame;
import org.serpentry.transport.ExchangeException;
import org.serpentry.transport.FrameChannel;
import org.serpentry.transport.OutgoingCall;

/**
 * One incarnation of a worker: one process, from its start to its burial. The slot that it serves
 * outlives it.
 *
 * <p>Threads: the reactor moves it through its life; the thread that holds its lease alone uses its
 * channel and writes the fields of the running call; anybody may read.
 */
public final class Worker {

  private static final long UNREAD = -1;

  private final long id;
  private final int slot;
  private final int generation;
  private final int word;
  private final BegunWords words;
  private final WorkerStateMachine machine;
  private final Instant started;
  private final WorkerCondition condition = new WorkerCondition();
  private final CompletableFuture<ExitReport> exit = new CompletableFuture<>();

  private volatile int pid;
  private volatile Hello hello;
  private volatile FrameChannel channel;
  private volatile WorkerMemory memory;
  private volatile boolean retiring;
  private volatile long[] lastBegun;

  // Set before the first lease, which publishes them.
  private volatile long milestone = UNREAD;
  private Runnable atMilestone;

  // Written by the lease's holder only.
  private volatile RunningCall running;
  private volatile long served;

  /**
   * A worker about to be started.
   *
   * @param id its number, unique in a run
   * @param slot the slot it serves
   * @param generation the code generation it is forked from
   * @param words the pool's begun-call words
   * @param clock stamps its history
   */
  public Worker(long id, int slot, int generation, BegunWords words, Clock clock) {
    this(id, slot, generation, words, words.places(), clock);
  }

  /** The same with fewer places than it has words for. */
  public Worker(long id, int slot, int generation, BegunWords words, int places, Clock clock) {
    this.id = id;
    this.slot = slot;
    this.generation = generation;
    this.words = words;
    this.word = words.claim();
    this.machine = new WorkerStateMachine(clock, places);
    this.started = clock.instant();
  }

  /** Its number, unique in a run. */
  public long id() {
    return id;
  }

  /** The number of the slot that it serves. */
  public int slot() {
    return slot;
  }

  /**
   * The code generation that it runs.
   *
   * @return the generation
   */
  public int generation() {
    return generation;
  }

  /**
   * The offset of its begun-call word.
   *
   * @return the offset in bytes
   */
  public int word() {
    return word;
  }

  /** Its state machine. */
  public WorkerStateMachine machine() {
    return machine;
  }

  /** When it was asked for. */
  public Instant started() {
    return started;
  }

  /** Its process id, or 0 before it is known. */
  public int pid() {
    return pid;
  }

  /** Notes its process id. */
  public void pid(int value) {
    this.pid = value;
  }

  /**
   * What it said of itself in the handshake.
   *
   * @return its hello, or null before it
   */
  public Hello hello() {
    return hello;
  }

  /**
   * The connection, once it has shaken hands.
   *
   * @return the channel, or null
   */
  public FrameChannel channel() {
    return channel;
  }

  /**
   * Takes over its connection.
   *
   * @param said what it said of itself
   * @param connection its connection
   */
  public void connected(Hello said, FrameChannel connection) {
    WorkerMemory shared = memory;
    if (shared != null) {
      connection.onHeader(shared::arrived);
    }
    this.hello = said;
    this.pid = said.pid();
    this.channel = connection;
    condition.shookHands();
  }

  /** Notes the memory that it shares with the host. Called before it connects. */
  public void memory(WorkerMemory shared) {
    memory = shared;
  }

  /** The memory that it shares with the host. */
  public WorkerMemory memory() {
    return memory;
  }

  /**
   * Whether it is to end after its present call.
   *
   * @return whether it is
   */
  public boolean retiring() {
    return retiring;
  }

  /** Marks it to end after its present call. */
  public void retire() {
    retiring = true;
  }

  /**
   * The last verdict on it.
   *
   * @return its health
   */
  public Health health() {
    return condition.health();
  }

  /**
   * How it does, besides its state.
   *
   * @return its condition
   */
  public WorkerCondition condition() {
    return condition;
  }

  /**
   * Whether a call may be given to it: it is ready and healthy. A worker leaves {@link
   * WorkerState#READY} with its health, so that for a lease the state alone decides.
   *
   * @return whether it is
   */
  public boolean canAcceptWork() {
    return machine.state() == WorkerState.READY && condition.health() == Health.HEALTHY;
  }

  /**
   * How many calls it has answered.
   *
   * @return the number
   */
  public long served() {
    return served;
  }

  /**
   * The call that runs on it.
   *
   * @return the call, or null
   */
  public RunningCall running() {
    return running;
  }

  /**
   * Notes the call that its lease is for. Called by the lease's holder.
   *
   * @param call the call
   */
  public void begin(RunningCall call) {
    running = call;
  }

  /**
   * Sends a call and waits for its reply. Called by the lease's holder.
   *
   * @param call the call
   * @param deadline the {@code nanoTime} at which to stop waiting
   * @return the reply
   * @throws ExchangeException when there is none
   */
  public Frame exchange(OutgoingCall call, long deadline) throws ExchangeException {
    return channel.exchange(call, deadline);
  }

  /**
   * Has a task run when it has answered so many calls. Called before its first lease.
   *
   * @param calls how many; 0 for never
   * @param task runs on the thread of the call that reaches the number; must return at once
   */
  public void atServed(long calls, Runnable task) {
    atMilestone = task;
    milestone = calls;
  }

  /**
   * Has the task run at another number of calls. Whoever says so looks at {@link #served}
   * afterwards: the number may just have been passed.
   *
   * @param calls how many; 0 for never
   */
  public void atServed(long calls) {
    milestone = calls;
  }

  /** Notes that a call was answered. Called by the lease's holder. */
  public void answered() {
    condition.answered();
    long count = served + 1; // one writer at a time: the lease's holder
    served = count;
    if (count == milestone) {
      atMilestone.run();
    }
  }

  /** Notes that no call runs on it any more. Called by the lease's holder. */
  public void idle() {
    running = null;
  }

  /**
   * Notes its end, frees its word and wakes whoever waits for its reply. Called by the reactor,
   * once.
   *
   * @param how how it ended
   */
  public void exited(ExitReport how) {
    lastBegun = words.begun(word);
    words.release(word);
    exit.complete(how);
    FrameChannel connection = channel;
    if (connection != null) {
      connection.sever();
      memory.close();
    }
  }

  /**
   * Closes its connection, after its end.
   *
   * @throws IOException when that fails
   */
  public void closeChannel() throws IOException {
    FrameChannel connection = channel;
    if (connection != null) {
      connection.close();
    }
  }

  /**
   * Whether it has begun a request.
   *
   * @param requestId the request
   * @return false when it certainly has not
   */
  public boolean hasBegun(long requestId) {
    long[] begun = lastBegun;
    if (begun == null) {
      begun = words.begun(word);
      long[] read = lastBegun;
      begun = read == null ? begun : read;
    }
    for (long id : begun) {
      if (id == requestId) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether it began any call. Asked after its end.
   *
   * @return false when it certainly has begun none
   */
  public boolean hasBegunAny() {
    long[] begun = lastBegun;
    if (begun == null) {
      throw new IllegalStateException("worker " + id + " has not ended");
    }
    for (long call : begun) {
      if (call != 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * How it ended, if it has.
   *
   * @return a future that ends with its process; never exceptionally
   */
  public CompletableFuture<ExitReport> exit() {
    return exit;
  }

  /**
   * Runs a task after its end, at once when it has ended already.
   *
   * @param task the task; must not throw
   */
  @SuppressWarnings("FutureReturnValueIgnored") // nothing is derived from it
  public void onExit(Runnable task) {
    exit.thenRun(task);
  }

  /**
   * Waits for the launcher's report of its end, which follows the end of its connection closely.
   *
   * @param millis how long to wait at most
   * @return how it ended; {@link ExitReport#unseen} when no report came in time
   */
  public ExitReport awaitExit(long millis) {
    try {
      return exit.get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return ExitReport.unseen("its connection ended; its exit has not been reported yet");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return exit.getNow(ExitReport.unseen("its connection ended"));
    } catch (ExecutionException e) {
      throw new CompletionException(e.getCause());
    }
  }
}
