// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.serpentry.pool.PoolControl;
import org.serpentry.pool.PoolOperator;
import org.serpentry.pool.WorkerPool;
import org.serpentry.spi.PoolHealth;
import org.serpentry.telemetry.SafeThrowable;

/**
 * The pool bean: its operations. What one throws is made of the JDK's types alone, since a console
 * does not have this application's classes.
 */
final class PoolBean extends PoolGauges {
  private static final int MOST_ENDING = 8;

  private static final Logger LOG = System.getLogger(PoolBean.class.getName());

  private final Semaphore ending = new Semaphore(MOST_ENDING);
  private final WorkerPool pool;
  private final PoolControl control;
  private final PoolOperator operator;
  private final SnapshotCache cache;
  private final Announcer announcer;
  private final Followed followed;
  private final Housekeeping housekeeping;
  private final SettingNews news;
  private final Runnable changed;

  /**
   * A bean.
   *
   * @param changed runs after each operation
   */
  PoolBean(
      WorkerPool pool,
      SnapshotCache cache,
      Announcer announcer,
      OperationLog operations,
      MemorySampler memory,
      Chatter chatter,
      Housekeeping housekeeping,
      Runnable changed) {
    super(pool, cache, announcer, operations, memory, chatter);
    this.pool = pool;
    this.control = pool.control();
    this.operator = pool.operator();
    this.cache = cache;
    this.announcer = announcer;
    this.followed = new Followed(operations, announcer);
    this.housekeeping = housekeeping;
    this.news = new SettingNews(operator.settings(), announcer);
    this.changed = changed;
  }

  @Override
  public void resize(int size) {
    String who = JmxCaller.name();
    change(
        "resize(" + size + ")",
        () ->
            news.change(
                "size",
                who,
                () -> {
                  control.resize(size, who);
                  return true;
                }));
  }

  @Override
  public String recycleWorker(int slot) {
    return begin("recycleWorker", () -> operator.recycle(slot));
  }

  @Override
  public String recycleWorkersOneByOne() {
    return begin("recycleWorkersOneByOne", control::recycleWorkersOneByOne);
  }

  @Override
  public String reloadCode() {
    return begin("reloadCode", control::reloadCode);
  }

  @Override
  public String rollbackCode() {
    return begin("rollbackCode", operator::rollbackCode);
  }

  @Override
  public void resetCircuitBreaker() {
    change("resetCircuitBreaker", control::resetCrashBreaker);
  }

  private String begin(String name, Supplier<CompletableFuture<?>> operation) {
    OperationLog.Entry entry = followed.begin(name);
    change(
        entry.id(),
        () -> {
          try {
            followed.until(entry, operation.get());
          } catch (RuntimeException e) {
            entry.end(e, "");
            throw e;
          }
        });
    return entry.id();
  }

  @Override
  public void killWorker(int slot) {
    change("killWorker(" + slot + ")", () -> control.killWorker(slot));
  }

  @Override
  public void suspend() {
    change("suspend", control::suspend);
  }

  @Override
  public String suspendAndWait(int seconds) {
    if (seconds < 1) {
      throw new IllegalArgumentException("The seconds to wait are at least 1, not " + seconds);
    }
    return begin(
        "suspendAndWait",
        () -> {
          control.suspend();
          return Quiescence.await(
              housekeeping,
              () -> operator.running().size(),
              System::nanoTime,
              Duration.ofSeconds(seconds));
        });
  }

  @Override
  public String dumpPythonStacks() {
    return StackDumps.of(pool);
  }

  @Override
  public void resume() {
    change("resume", control::resume);
  }

  @Override
  public String drainWorker(int slot) {
    return begin("drainWorker", () -> operator.drain(slot));
  }

  @Override
  public String refillWorker(int slot) {
    return begin("refillWorker", () -> operator.refill(slot));
  }

  @Override
  public String cancelCall(long request) {
    String[] next = new String[1];
    change(
        "cancelCall(" + request + ")",
        () ->
            next[0] =
                operator
                    .cancelCall(request)
                    .orElseThrow(
                        () ->
                            new IllegalArgumentException(
                                "No request " + request + " runs now; see RunningCalls")));
    return next[0];
  }

  @Override
  public boolean endSession(String id) {
    boolean[] ended = new boolean[1];
    change("endSession(" + id + ")", () -> ended[0] = end(id));
    return ended[0];
  }

  private boolean end(String id) {
    if (!pool.sessions().store().blocks()) {
      return pool.sessions().end(id);
    }
    if (!ending.tryAcquire()) {
      throw new IllegalStateException(
          "%d sessions are being ended already: the session store does not answer"
              .formatted(MOST_ENDING));
    }
    try {
      return new Prompt<Boolean>("session store").ask(true, () -> endAndRelease(id));
    } catch (Error e) { // It has not begun: what it throws itself comes as an exception.
      ending.release();
      throw e;
    }
  }

  private boolean endAndRelease(String id) {
    try {
      return pool.sessions().end(id);
    } finally {
      ending.release();
    }
  }

  @Override
  public String selfTest() {
    return begin("selfTest", () -> control.resilience().check().thenApply(PoolBean::verdict));
  }

  private static String verdict(PoolHealth health) {
    if (health.status() == PoolHealth.Status.UNHEALTHY) {
      throw new IllegalStateException(health.toString());
    }
    return health.toString();
  }

  @Override
  public void resetStatistics() {
    change("resetStatistics", operator::resetStatistics);
  }

  @Override
  public void retryFailedPool() {
    change("retryFailedPool", control.resilience()::restart);
  }

  private void change(String what, Runnable operation) {
    try {
      announcer.tellOfPool(
          Announcer.OPERATION,
          "%s was asked for over JMX by %s".formatted(what, JmxCaller.name()),
          Map.of("operation", what));
      operation.run();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(refused(what, e));
    } catch (RuntimeException e) {
      throw new IllegalStateException(refused(what, e));
    } finally {
      cache.invalidate();
      changed.run();
    }
  }

  /** The cause stays in the server's log: the console may not be able to read its class. */
  private String refused(String what, RuntimeException cause) {
    String text = "Pool " + pool.name() + ": " + SafeThrowable.line(what) + " was refused";
    LOG.log(Level.WARNING, text, SafeThrowable.of(cause));
    return String.valueOf(cause.getMessage());
  }
}
