// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.serpentry.config.PoolConfig;
import org.serpentry.mock.MockScript;
import org.serpentry.pool.PoolBuilder;
import org.serpentry.pool.PythonSetup;
import org.serpentry.spi.Codec;
import org.serpentry.spi.WorkerLauncher;

/**
 * Plays a launcher and its workers inside this JVM: they connect to the pool's socket and speak the
 * real protocol, and a {@link MockScript} says how calls end. The pool before it is a real one,
 * with its queue, retries, sessions, probes and replacement of workers; a crash of the script's
 * ends the connection and is reported as a launcher reports it. No Python is needed, and no process
 * is started. Bytes and arrays arrive by frame or segment, as at a worker, and results go back in
 * the frame; tables travel as JSON. A stream's items take the credit that they must. Invented
 * values are texts, since a worker does not know what type its caller wants.
 *
 * <pre>{@code
 * MockScript script = new MockScript();
 * try (WorkerPool pool = BridgeMock.pool(config, codec, script).start()) { … }
 * }</pre>
 */
public final class BridgeMock implements WorkerLauncher {

  private final MockScript script;
  private final Codec codec;

  /**
   * A launcher for one pool.
   *
   * @param script says how calls end
   * @param codec writes and reads values; the pool's own will do
   */
  public BridgeMock(MockScript script, Codec codec) {
    this.script = script;
    this.codec = codec;
  }

  /**
   * A builder of a real pool before scripted workers.
   *
   * @param config its settings; those about Python mean nothing
   * @param codec its codec
   * @param script says how calls end
   * @return the builder
   */
  public static PoolBuilder pool(PoolConfig config, Codec codec, MockScript script) {
    Path none = Path.of("bridge-mock");
    return new PoolBuilder(config, new PythonSetup(none, none, List.of(), "", Map.of()), codec)
        .launcher(new BridgeMock(script, codec));
  }

  @Override
  public Process launch(List<String> command, Map<String, String> environment, Path output) {
    FakeProcess process = new FakeProcess();
    Thread thread = new Thread(new FakeLauncher(process, script, codec), "serpentry-bridge-mock");
    thread.setDaemon(true);
    thread.start();
    return process;
  }
}
