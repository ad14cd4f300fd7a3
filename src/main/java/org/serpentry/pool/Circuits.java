// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.serpentry.api.BreakerState;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.ErrorCategory;
import org.serpentry.api.ProtocolException;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.api.WorkerStartException;
import org.serpentry.config.CircuitGroups;
import org.serpentry.config.FaultToleranceMode;
import org.serpentry.config.ResilienceConfig;
import org.serpentry.recovery.CallCircuit;
import org.serpentry.recovery.CallCircuit.Verdict;
import org.serpentry.recovery.CircuitView;
import org.serpentry.spi.PoolListener.CircuitChange;

/**
 * The circuits of a pool's calls: the pool's own, for failures that no function is to blame for,
 * and one for each group of functions. A circuit exists from the first failure that counts until a
 * success clears it, so that a pool without failures pays for one look at a number. Any thread may
 * call.
 */
final class Circuits {

  /** The name of the pool's own circuit. */
  static final String POOL = "*";

  /** In place of an admission: the circuit did not exist. */
  private static final long UNASKED = CallCircuit.REFUSED;

  private final PoolContext context;
  private final Announcer announcer;
  private final Failures failures;
  private final CallCircuit.Limits limits;
  private final CircuitGroups groups;
  private final boolean grouped;
  private final boolean pythonErrors;
  private final ConcurrentHashMap<String, CallCircuit> circuits = new ConcurrentHashMap<>();
  private final AtomicInteger troubled = new AtomicInteger();
  private final LongAdder refused = new LongAdder();
  private final BlockedFunctions blocked = new BlockedFunctions();
  private volatile boolean ours;

  /** A call that some circuit was asked about. */
  static final class Pass {
    private final long byPool;
    private final long byGroup;
    private final AtomicBoolean ended = new AtomicBoolean();

    private Pass(long byPool, long byGroup) {
      this.byPool = byPool;
      this.byGroup = byGroup;
    }
  }

  Circuits(PoolContext context, Announcer announcer, Failures failures) {
    ResilienceConfig config = context.config().resilience();
    this.context = context;
    this.announcer = announcer;
    this.failures = failures;
    this.groups = new CircuitGroups(config.circuitGroups());
    this.grouped = groups.anyNamed();
    this.pythonErrors = config.circuitPythonErrors();
    this.limits =
        config.circuitFailures() == 0
            ? null
            : new CallCircuit.Limits(
                config.circuitFailures(),
                config.circuitSuccesses(),
                config.circuitOpenTime(),
                config.circuitTrials());
    this.ours = context.config().faultTolerance() == FaultToleranceMode.CORE;
  }

  /** No guard stands before the pool, so that all circuits are its own business. */
  void beginAll() {
    ours = true;
  }

  // ---- a call's way

  /**
   * Lets a call pass.
   *
   * @return what to give to its end; null when no circuit had to be asked
   * @throws org.serpentry.api.CircuitOpenException when one refuses
   */
  Pass admit(CallRequest request) {
    if (troubled.get() == 0) {
      return null;
    }
    CircuitView block = blocked.refusing(request.target());
    if (block != null) {
      refused.increment();
      throw failures.blocked(request, block);
    }
    long byPool = ask(ours ? POOL : null, request);
    try {
      return new Pass(byPool, ask(group(request), request));
    } catch (RuntimeException | Error e) {
      tell(POOL, byPool, Verdict.NONE, null);
      throw e;
    }
  }

  private long ask(String name, CallRequest request) {
    CallCircuit circuit = name == null ? null : circuits.get(name);
    if (circuit == null) {
      return UNASKED;
    }
    long admission = circuit.admit();
    if (admission == CallCircuit.REFUSED) {
      refused.increment();
      throw failures.circuitOpen(request, circuit.view(name));
    }
    return admission;
  }

  /** A call was answered. */
  void succeeded(CallRequest request, Pass pass) {
    if (troubled.get() != 0 && first(pass)) {
      tell(ours ? POOL : null, byPool(pass), Verdict.GOOD, null);
      tell(group(request), byGroup(pass), Verdict.GOOD, null);
    }
  }

  /** A call has failed for good. */
  void failed(CallRequest request, Pass pass, PythonPoolException failure) {
    if (limits == null || (!ours && !grouped) || !first(pass)) {
      return;
    }
    String group = group(request);
    String text = failure.getMessage();
    boolean byFunction = blamesFunction(failure);
    boolean byPool = blamesPool(failure) || (byFunction && group == null);
    boolean answered = failure.category() == ErrorCategory.PYTHON && failure.workerId().isPresent();
    if (ours) {
      tell(POOL, byPool(pass), byPool ? Verdict.BAD : good(answered), text);
    }
    tell(group, byGroup(pass), byFunction ? Verdict.BAD : good(answered), text);
  }

  /** A call ended without saying anything: its caller gave it up. */
  void gaveUp(CallRequest request, Pass pass) {
    if (pass != null && first(pass)) {
      tell(ours ? POOL : null, pass.byPool, Verdict.NONE, null);
      tell(group(request), pass.byGroup, Verdict.NONE, null);
    }
  }

  private static Verdict good(boolean answered) {
    return answered ? Verdict.GOOD : Verdict.NONE;
  }

  private boolean blamesFunction(PythonPoolException failure) {
    return failure instanceof CallTimeoutException
        || (failure instanceof WorkerCrashedException && begun(failure))
        || failure instanceof ProtocolException
        || (pythonErrors && failure instanceof PythonCallException);
  }

  private static boolean blamesPool(PythonPoolException failure) {
    return failure instanceof WorkerStartException
        || failure instanceof ProtocolException
        || (failure instanceof WorkerCrashedException && !begun(failure));
  }

  private static boolean begun(PythonPoolException failure) {
    return !Boolean.FALSE.equals(failure.context().get("begun"));
  }

  private static boolean first(Pass pass) {
    return pass == null || pass.ended.compareAndSet(false, true);
  }

  private static long byPool(Pass pass) {
    return pass == null ? UNASKED : pass.byPool;
  }

  private static long byGroup(Pass pass) {
    return pass == null ? UNASKED : pass.byGroup;
  }

  private String group(CallRequest request) {
    return ours || grouped ? groups.of(request.target()) : null;
  }

  private void tell(String name, long admission, Verdict verdict, String failure) {
    if (name == null) {
      return;
    }
    circuits.compute(
        name,
        (k, present) -> {
          CallCircuit circuit = present;
          if (circuit == null) {
            if (verdict != Verdict.BAD) {
              return null;
            }
            circuit = new CallCircuit(limits, context.nanoTime(), (f, t, c) -> moved(k, f, t, c));
            troubled.incrementAndGet();
          }
          circuit.ended(present == null ? UNASKED : admission, verdict, failure);
          return kept(circuit);
        });
  }

  private CallCircuit kept(CallCircuit circuit) {
    if (circuit.quiet()) {
      troubled.decrementAndGet();
      return null;
    }
    return circuit;
  }

  // ---- its changes

  /** Under the circuit's lock, so that the reactor gets the changes in their order. */
  private void moved(String name, BreakerState from, BreakerState to, String cause) {
    context
        .reactor()
        .execute(
            () -> {
              if (to == BreakerState.OPEN) {
                halfOpenLater(name);
              }
              announce(new CircuitChange(context.config().name(), name, from, to, cause));
            });
  }

  private void halfOpenLater(String name) {
    context
        .reactor()
        .schedule(
            WorkerPool.nanos(limits.openTime()),
            TimeUnit.NANOSECONDS,
            () -> {
              CallCircuit circuit = circuits.get(name);
              if (circuit != null) {
                circuit.look();
              }
            });
  }

  private void announce(CircuitChange change) {
    announcer.tell(l -> l.onCircuit(change));
    String text =
        "the circuit of %s is %s: %s"
            .formatted(
                change.circuit().equals(POOL) ? "the pool" : change.circuit(),
                change.to().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '),
                change.cause());
    if (change.to() == BreakerState.OPEN) {
      announcer.warn(text);
    } else {
      announcer.inform(text);
    }
  }

  // ---- for operators

  /** The circuits that count failures or do not let all calls pass, by name. */
  List<CircuitView> views() {
    List<CircuitView> views = new ArrayList<>();
    circuits.forEach((name, circuit) -> views.add(circuit.view(name)));
    views.addAll(blocked.views());
    views.sort(Comparator.comparing(CircuitView::name));
    return views;
  }

  /** One circuit; closed and without failures when none is known under that name. */
  CircuitView view(String name) {
    CallCircuit circuit = circuits.get(name);
    return circuit == null
        ? new CircuitView(name, BreakerState.CLOSED, 0, 0, 0, 0, "")
        : circuit.view(name);
  }

  /** Holds a function's, or a module's, circuit open until it is reset. */
  void block(String name, String by) {
    if (blocked.block(name, by)) {
      troubled.incrementAndGet();
      tellOfBlock(name, BreakerState.OPEN, "blocked by " + by);
    }
  }

  private void tellOfBlock(String name, BreakerState to, String cause) {
    BreakerState from = to == BreakerState.OPEN ? BreakerState.CLOSED : BreakerState.OPEN;
    CircuitChange change = new CircuitChange(context.config().name(), name, from, to, cause);
    context.reactor().execute(() -> announce(change));
  }

  /** Closes a circuit; returns whether it was known. */
  boolean reset(String name) {
    if (blocked.unblock(name)) {
      troubled.decrementAndGet();
      tellOfBlock(name, BreakerState.CLOSED, "it was reset by hand");
      return true;
    }
    boolean known = circuits.containsKey(name);
    circuits.computeIfPresent(
        name,
        (k, circuit) -> {
          circuit.reset();
          return kept(circuit);
        });
    return known;
  }

  /** How many calls have been refused. */
  long refused() {
    return refused.sum();
  }

  /** How many do not let all calls pass. */
  int open() {
    return troubled.get() == 0
        ? 0
        : (int) views().stream().filter(view -> view.state() != BreakerState.CLOSED).count();
  }
}
