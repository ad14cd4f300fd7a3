// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.serpentry.api.AbandonedCallException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.Outcome;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.PythonSession;
import org.serpentry.api.Service;
import org.serpentry.config.PoolConfig;
import org.serpentry.session.SessionIds;
import org.serpentry.spi.PoolListener;
import org.serpentry.worker.BegunWords;
import org.serpentry.worker.Worker;

/**
 * The core pool: calls Python through supervised workers. {@link PoolBuilder} starts one; {@link
 * #close} ends it and every process that it started.
 *
 * <p>Any thread may call anything. On {@link #call} the calling thread itself writes the request
 * and reads the reply, and blocks for at most checkout timeout plus operation timeout; {@link
 * #callAsync} never blocks.
 */
public final class WorkerPool implements PythonPool, CallPath, AutoCloseable {

  private static final Duration CENTURY = Duration.ofDays(36_500);

  private final PoolContext context;
  private final Checkout checkout;
  private final Crew crew;
  private final Failures failures;
  private final Replies replies;
  private final CallEncoder encoder;
  private final CallCounters counters = new CallCounters();
  private final Measures measures;
  private final LeaseEnds leaseEnds;
  private final PoolOperator operator;
  private final PoolControl control;
  private final Clinic clinic;
  private final Executor completions;
  private final PoolSessions sessions;
  private final SyncCalls syncCalls;
  private final Retries.Policy retryPolicy;
  private final Resilience resilience;
  private final Tables tables;
  private final AtomicLong requestIds = new AtomicLong();

  WorkerPool(PoolContext context, Executor completions, PoolShutdown shutdown) {
    this.context = context;
    PoolConfig config = context.config();
    this.completions = completions;
    this.failures =
        new Failures(config.name(), config.maxFrameSize(), config.resilience().timeoutBudget());
    this.measures = new Measures(context);
    this.retryPolicy = Retries.Policy.of(config);
    this.checkout =
        new Checkout(
            context.nanoTime(),
            config.queueCapacity(),
            () -> context.reactor().execute(this::demand));
    this.crew = new Crew(context, checkout, failures);
    this.leaseEnds = new LeaseEnds(context, crew, counters, measures);
    this.tables = new Tables(context.codec());
    this.replies = new Replies(context.codec(), failures, tables);
    this.encoder =
        new CallEncoder(
            context.codec(),
            failures,
            (int) config.maxFrameSize(),
            context.memory(),
            tables,
            Feed.window(config.streams()),
            config.life().traceContext());
    this.resilience = new Resilience(context, crew, failures, counters);
    this.control =
        new PoolControl(
            context,
            crew,
            checkout,
            failures,
            counters,
            () -> sessions().statistics(),
            shutdown,
            resilience);
    resilience.sees(control::snapshot, this::callAsync);
    this.sessions = new PoolSessions(this, context.sessions());
    this.syncCalls = new SyncCalls(this);
    this.clinic = new Clinic(this);
    crew.recoverer().refersTo(clinic);
    this.operator = new PoolOperator(this, clinic, measures);
  }

  private void demand() {
    crew.demand();
  }

  /** Starts the crew and the probes. Called on the reactor. */
  void begin(BegunWords words) {
    crew.restarts().probeBy(clinic::examine);
    crew.reloads().begin(new Canary(this));
    crew.start(words);
    clinic.start();
    resilience.start();
    operator.start();
  }

  Crew crew() {
    return crew;
  }

  @Override
  public String name() {
    return config().name();
  }

  @Override
  public Service service() {
    return control.services().view().service();
  }

  @Override
  public PythonFunction function(String target) {
    return FunctionRequest.of(this, target, null);
  }

  @Override
  public PythonSession session(String id) {
    return session(this, id, id);
  }

  /**
   * A session whose requests take another way than the core's own.
   *
   * @param path the way
   * @param id the id that its user knows
   * @param scoped the id with whom it belongs to before it
   * @return its handle
   * @throws IllegalArgumentException when the id is empty, too long or has control characters
   */
  public PythonSession session(CallPath path, String id, String scoped) {
    return new SessionHandle(SessionIds.checked(id), new SessionKey(scoped), path, sessions);
  }

  /**
   * A request that takes another way than the core's own, for example through a guard.
   *
   * @param path the way
   * @param target {@code module:function}
   * @return the request
   */
  public static PythonFunction function(CallPath path, String target) {
    return FunctionRequest.of(path, target, null);
  }

  /**
   * The same in a session that whoever made the way knows.
   *
   * @param path the way
   * @param target {@code module:function}
   * @param session the session
   * @return the request
   */
  public static PythonFunction function(CallPath path, String target, CallSession session) {
    return FunctionRequest.of(path, target, session);
  }

  /**
   * The pool's settings as they are now; some may change.
   *
   * @return the settings
   */
  public PoolConfig config() {
    return context.config();
  }

  /**
   * Looks at the pool and changes it while it runs.
   *
   * @return its control
   */
  public PoolControl control() {
    return control;
  }

  /**
   * What an operator does with the pool beyond that, and its figures.
   *
   * @return its operator's desk
   */
  public PoolOperator operator() {
    return operator;
  }

  /**
   * Looks at the pool's sessions, ends them and moves them.
   *
   * @return its sessions
   */
  public PoolSessions sessions() {
    return sessions;
  }

  /**
   * Attaches a listener.
   *
   * @param listener hears what happens from now on
   */
  public void attach(PoolListener listener) {
    context.listeners().attach(listener);
  }

  /**
   * Detaches a listener.
   *
   * @param listener the listener
   */
  public void detach(PoolListener listener) {
    context.listeners().detach(listener);
  }

  // ---- the synchronous way

  @Override
  public Object call(CallRequest request) {
    return syncCalls.call(tables.prepared(request));
  }

  /** A duration in nanoseconds; a century stands for whatever is longer. */
  static long nanos(Duration duration) {
    return duration.compareTo(CENTURY) < 0 ? duration.toNanos() : CENTURY.toNanos();
  }

  /** How long a call would wait for a worker. */
  Duration patienceOf(CallRequest request) {
    return request.checkoutTimeout() != null
        ? request.checkoutTimeout()
        : config().checkoutTimeout();
  }

  Retries.Policy retryPolicy() {
    return retryPolicy;
  }

  Circuits circuits() {
    return resilience.circuits();
  }

  Duration timeoutOf(CallRequest request) {
    return request.timeout() != null ? request.timeout() : config().operationTimeout();
  }

  /** The lease passes to the ladder, which gives the worker back or ends it. */
  void reclaim(Worker worker, long id, AbandonedCallException failure) {
    context.reactor().execute(() -> handToLadder(worker, id, failure));
  }

  private void recovered(Worker worker) {
    worker.idle();
    giveBack(worker);
  }

  void giveBack(Worker worker) {
    if (!checkout.giveBack(worker)) {
      context.reactor().execute(() -> crew.turnover().leaseEndedBadly(worker));
    }
  }

  /** A call has failed and is not tried again. */
  void failedForGood(CallRequest request, Circuits.Pass pass, PythonPoolException failure) {
    resilience.circuits().failed(request, pass, failure);
    measures.failed(request, failure);
  }

  /** A further attempt has its worker after the deadline: nothing is sent, so nothing is stuck. */
  PythonPoolException tooLate(CallRequest request, Worker worker, long now) {
    long id = requestIds.incrementAndGet();
    ended(worker, id, request, now, Outcome.TIMED_OUT);
    giveBack(worker);
    return failures.timedOut(request, worker, id, timeoutOf(request));
  }

  /** A lease has ended; nothing is thrown. */
  void ended(Worker worker, long id, CallRequest request, long begin, Outcome outcome) {
    leaseEnds.ended(worker, id, request, begin, outcome);
  }

  // ---- the asynchronous way

  @Override
  public CompletableFuture<Object> callAsync(CallRequest request) {
    return callAsync(request, completions);
  }

  /**
   * Runs a call without blocking.
   *
   * @param request the call
   * @param executor completes the future; when it rejects, the pool's control thread does
   * @return a future that ends in the call's result
   */
  public CompletableFuture<Object> callAsync(CallRequest request, Executor executor) {
    AsyncCall call;
    try {
      call = new AsyncCall(this, sessions.routed(tables.prepared(request)), executor);
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedFuture(e);
    }
    call.start();
    return call.future();
  }

  @Override
  public Executor deliveries() {
    return completions;
  }

  // ---- for AsyncCall and AsyncAttempt

  void asyncBegan(AsyncCall call) {
    control.asyncBegan(call);
  }

  void asyncEnded(AsyncCall call) {
    control.asyncEnded(call);
  }

  PoolContext context() {
    return context;
  }

  Checkout checkout() {
    return checkout;
  }

  CallEncoder encoder() {
    return encoder;
  }

  Replies replies() {
    return replies;
  }

  Failures failures() {
    return failures;
  }

  CallCounters counters() {
    return counters;
  }

  long nextRequestId() {
    return requestIds.incrementAndGet();
  }

  /** The caller has the failure, or null when it knows by itself. Called on the reactor. */
  void handToLadder(Worker worker, long id, AbandonedCallException failure) {
    worker.memory().results().abandon(id);
    Runnable reclaim = () -> crew.ladder().reclaim(worker, id, failure, () -> recovered(worker));
    if (failure instanceof CallTimeoutException) {
      long since = worker.running().since();
      crew.recoverer().timedOut(worker, since, failure.getMessage(), reclaim);
    } else {
      reclaim.run(); // A caller that wants no answer is no fault of the worker's.
    }
  }

  @Override
  public void close() {
    control.close();
  }

  @Override
  public String toString() {
    return "WorkerPool[" + config().name() + "]";
  }

  /** Decodes a JSON object. */
  static final java.lang.reflect.Type OBJECT =
      new org.serpentry.api.PythonType<Map<String, Object>>() {}.type();
}
