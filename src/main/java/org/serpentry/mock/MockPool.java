// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonSession;
import org.serpentry.api.Service;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.NanPolicy;
import org.serpentry.config.PoolConfig;
import org.serpentry.pool.CallPath;
import org.serpentry.pool.WorkerPool;
import org.serpentry.session.SessionIds;
import org.serpentry.spi.Codec;

/**
 * A pool without Python: a {@link MockScript} answers its calls. Arguments and results pass through
 * the codec of a real pool; timeouts, retries of idempotent calls, fallbacks, cancellation and
 * sessions do what they do there. Nothing waits for a worker: there is always one. Any thread may
 * call anything.
 *
 * <pre>{@code
 * try (MockPool python = MockPool.named("default")) {
 *   python.script().when("reviews:score").returns(Map.of("label", "POSITIVE"));
 *   …
 * }
 * }</pre>
 */
public final class MockPool implements PythonPool, AutoCloseable {

  private final MockPath path;
  private final MockScript script;
  private final Codec owned;

  private MockPool(MockPath path, MockScript script, Codec owned) {
    this.path = path;
    this.script = script;
    this.owned = owned;
  }

  /**
   * A pool with the defaults, an empty script and a codec of its own.
   *
   * @param name its name
   * @return the pool, to be closed
   */
  public static MockPool named(String name) {
    return of(PoolConfig.builder(name).build(), new MockScript());
  }

  /**
   * A pool with a codec of its own.
   *
   * @param config its settings; those of processes mean nothing to it
   * @param script answers its calls
   * @return the pool, to be closed
   */
  public static MockPool of(PoolConfig config, MockScript script) {
    Codec codec = JsonbCodec.create(config.nan() == NanPolicy.ALLOW, config.maxNesting());
    MockPath path = new MockPath(config, script, codec, ForkJoinPool::commonPool);
    return new MockPool(path, script, codec);
  }

  /**
   * A pool for somebody who has a codec and knows where asynchronous calls end.
   *
   * @param config its settings
   * @param script answers its calls
   * @param codec brings values over; not closed by the pool
   * @param completions asked by each asynchronous call where it is to end
   * @return the pool, to be closed
   */
  public static MockPool of(
      PoolConfig config, MockScript script, Codec codec, Supplier<? extends Executor> completions) {
    return new MockPool(new MockPath(config, script, codec, completions), script, null);
  }

  /**
   * What answers its calls and remembers them.
   *
   * @return its script
   */
  public MockScript script() {
    return script;
  }

  /**
   * The way of its calls, for whoever puts something before it.
   *
   * @return the way
   */
  public CallPath path() {
    return path;
  }

  /**
   * Whether it has been closed.
   *
   * @return whether it refuses all calls
   */
  public boolean isClosed() {
    return path.isClosed();
  }

  @Override
  public Service service() {
    return path.isClosed() ? Service.NONE : Service.MOCK;
  }

  @Override
  public String name() {
    return path.config().name();
  }

  @Override
  public PythonFunction function(String target) {
    return WorkerPool.function(path, target);
  }

  @Override
  public PythonSession session(String id) {
    return new MockSession(SessionIds.checked(id), path);
  }

  @Override
  public void close() {
    path.close();
    if (owned != null) {
      owned.close();
    }
  }

  @Override
  public String toString() {
    return "MockPool[" + name() + "]";
  }
}
