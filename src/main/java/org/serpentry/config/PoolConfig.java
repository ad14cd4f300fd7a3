// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The checked settings of one pool. Immutable and safe for use by any thread.
 *
 * <p>{@link #builder(String)} makes one without any server; {@link ConfigReader} reads them from
 * keys {@code serpentry.pool.<name>.<key>}, where the key is the accessor's name in kebab-case.
 */
public final class PoolConfig {
  private final String name;
  private final Map<Setting<?>, Object> values;
  private final int size;
  private final int maxSize;
  private final Map<String, String> environment;

  /** Takes checked values only; {@link PoolConfigBuilder#build()} is the one caller. */
  PoolConfig(
      String name,
      Map<Setting<?>, Object> values,
      int size,
      int maxSize,
      Map<String, String> environment) {
    this.name = name;
    this.values = Map.copyOf(values);
    this.size = size;
    this.maxSize = maxSize;
    this.environment = Map.copyOf(environment);
  }

  /** Starts with the defaults; the name is of a-z, 0-9 and dashes, a letter first, at most 32. */
  public static PoolConfigBuilder builder(String name) {
    return new PoolConfigBuilder(name);
  }

  /** A builder that starts with these values; {@code size} and {@code maxSize} are fixed. */
  public PoolConfigBuilder toBuilder() {
    return builder(name).restore(values, environment).size(size).maxSize(maxSize);
  }

  /** Its settings for arguments and results outside the JSON. */
  public AttachmentConfig attachments() {
    return new AttachmentConfig(values);
  }

  /** Its settings for the life of its workers. */
  public LifeConfig life() {
    return new LifeConfig(values);
  }

  /** Its settings for failures. */
  public ResilienceConfig resilience() {
    return new ResilienceConfig(values);
  }

  /** Its settings for what answers its calls. */
  public ServiceConfig services() {
    return new ServiceConfig(values);
  }

  /** Its settings for sessions. */
  public SessionConfig sessions() {
    return new SessionConfig(values);
  }

  /** The language model that its programs begin with. */
  public ModelConfig model() {
    return new ModelConfig(values);
  }

  /** Its settings for streams. */
  public StreamConfig streams() {
    return new StreamConfig(values);
  }

  /** The pool's name. */
  public String name() {
    return name;
  }

  /**
   * Workers that the pool keeps. cores is the number of processors that the JVM sees. Default:
   * {@code 2xcores}; range: 1 to 10000.
   */
  public int size() {
    return size;
  }

  /**
   * Workers that the pool may have under load; what exceeds size is retired when idle. Default:
   * {@code size+2}; range: size to 10000.
   */
  public int maxSize() {
    return maxSize;
  }

  /**
   * When workers start: eager waits for them at the start of the pool, lazy starts them with the
   * first calls, background starts them without waiting. Default: {@code eager}.
   */
  public StartMode start() {
    return PoolSettings.START.in(values);
  }

  /**
   * Longest time for the template or a worker to import its code and become ready. Default: {@code
   * 60s}; range: positive.
   */
  public Duration startTimeout() {
    return PoolSettings.START_TIMEOUT.in(values);
  }

  /**
   * How workers start: forkserver forks them from a template that has imported the preload modules
   * once, spawn starts a new interpreter for each (for CUDA and imports that start threads).
   * Default: {@code forkserver}.
   */
  public StartMethod startMethod() {
    return PoolSettings.START_METHOD.in(values);
  }

  /** Idle time after which a worker beyond size is retired. Zero: never. Default: {@code 60s}. */
  public Duration idleTimeout() {
    return PoolSettings.IDLE_TIMEOUT.in(values);
  }

  /**
   * Pause before the second restart in a row of a worker that died before it served a call; it
   * doubles from there. The first restart is immediate. Default: {@code 100ms}; range: positive.
   */
  public Duration restartBackoffMin() {
    return PoolSettings.RESTART_BACKOFF_MIN.in(values);
  }

  /**
   * Longest pause between restarts; not below restart-backoff-min. Default: {@code 60s}; range:
   * positive.
   */
  public Duration restartBackoffMax() {
    return PoolSettings.RESTART_BACKOFF_MAX.in(values);
  }

  /** Time between two probes of an idle worker. Zero: no probes. Default: {@code 30s}. */
  public Duration healthCheckInterval() {
    return PoolSettings.HEALTH_CHECK_INTERVAL.in(values);
  }

  /**
   * Time that running calls get to finish when the pool closes. Zero: they are cancelled at once.
   * Default: {@code 10s}; range: zero or more.
   */
  public Duration shutdownTimeout() {
    return PoolSettings.SHUTDOWN_TIMEOUT.in(values);
  }

  /**
   * Calls that may wait for a worker; one more is refused at once. Zero: no call waits. Default:
   * {@code 1000}; range: 0 to 1000000.
   */
  public int queueCapacity() {
    return PoolSettings.QUEUE_CAPACITY.in(values);
  }

  /** Longest wait of a call for a worker. Default: {@code 45s}; range: positive. */
  public Duration checkoutTimeout() {
    return PoolSettings.CHECKOUT_TIMEOUT.in(values);
  }

  /**
   * Longest run of a call once it has a worker; then it is cancelled. Default: {@code 120s}; range:
   * positive.
   */
  public Duration operationTimeout() {
    return PoolSettings.OPERATION_TIMEOUT.in(values);
  }

  /**
   * Further attempts of a call whose worker failed, only when the call certainly did not start or
   * is declared idempotent. Zero: none. Default: {@code 3}; range: 0 to 100.
   */
  public int maxRetries() {
    return PoolSettings.MAX_RETRIES.in(values);
  }

  /** What pauses between attempts are made of. Default: {@code 100ms}; range: zero or more. */
  public Duration retryDelay() {
    return PoolSettings.RETRY_DELAY.in(values);
  }

  /**
   * Who retries and limits calls of injected pools: microprofile, the server's MicroProfile Fault
   * Tolerance, or core, the pool itself. Default: {@code microprofile}.
   */
  public FaultToleranceMode faultTolerance() {
    return PoolSettings.FAULT_TOLERANCE.in(values);
  }

  /**
   * Largest request and largest result on the wire. Default: {@code 64MiB}; range: 64KiB to 1GiB.
   */
  public long maxFrameSize() {
    return PoolSettings.MAX_FRAME_SIZE.in(values);
  }

  /**
   * Deepest nesting of arrays and objects in arguments and results. The bound is what Python's own
   * recursion limit leaves. Default: {@code 128}; range: 1 to 900.
   */
  public int maxNesting() {
    return PoolSettings.MAX_NESTING.in(values);
  }

  /** What happens to NaN and infinities: refuse or allow. Default: {@code refuse}. */
  public NanPolicy nan() {
    return PoolSettings.NAN.in(values);
  }

  /** JSON codec of the Python side; auto takes the fastest one installed. Default: {@code auto}. */
  public CodecChoice codec() {
    return PoolSettings.CODEC.in(values);
  }

  /**
   * Python modules imported before the first call, with forkserver once for all workers. Default:
   * empty; range: module names.
   */
  public List<String> preload() {
    return ProcessSettings.PRELOAD.in(values);
  }

  /**
   * Directories of Python modules, searched before the application's own WEB-INF/python. Default:
   * empty.
   */
  public List<Path> codeDirectories() {
    return ProcessSettings.CODE_DIRECTORIES.in(values);
  }

  /**
   * Python interpreter: a path or a name on the PATH. With requirements it is the one the
   * environment is made from and must not lie in a virtual environment itself. Default: {@code
   * python3}; range: a path or a name on the PATH.
   */
  public String interpreter() {
    return ProcessSettings.INTERPRETER.in(values);
  }

  /**
   * Locked requirements file with hashes, from which the Python environment is made. Empty: the
   * interpreter is used as it is. Default: empty.
   */
  public Optional<Path> requirements() {
    return ProcessSettings.REQUIREMENTS.in(values);
  }

  /**
   * Directory of wheels that is the only source of packages. Empty: pip's own sources. Default:
   * empty; range: only with requirements.
   */
  public Optional<Path> wheelhouse() {
    return ProcessSettings.WHEELHOUSE.in(values);
  }

  /**
   * Lasting directory that holds the environments made from requirements. Default: {@code
   * ~/.cache/serpentry}.
   */
  public Path environmentCache() {
    return ProcessSettings.ENVIRONMENT_CACHE.in(values).orElseThrow();
  }

  /**
   * Whether a missing environment is built at deployment. false: the start fails instead and says
   * how to build it beforehand. Default: {@code true}.
   */
  public boolean buildEnvironment() {
    return ProcessSettings.BUILD_ENVIRONMENT.in(values);
  }

  /**
   * Variables of the server's environment that workers get besides PATH, HOME, LANG, TZ, TMPDIR,
   * the proxy and the SSL_CERT variables. Default: empty; range: names of environment variables.
   */
  public List<String> environmentPass() {
    return ProcessSettings.ENVIRONMENT_PASS.in(values);
  }

  /** Working directory of the workers. Empty: the pool's private run directory. Default: empty. */
  public Optional<Path> workingDirectory() {
    return ProcessSettings.WORKING_DIRECTORY.in(values);
  }

  /** File mode mask of the workers, in octal. Default: {@code 077}; range: 000 to 777. */
  public int umask() {
    return ProcessSettings.UMASK.in(values);
  }

  /**
   * Added to the workers' niceness. Zero: they run like the server. Default: {@code 0}; range: 0 to
   * 19.
   */
  public int nice() {
    return ProcessSettings.NICE.in(values);
  }

  /**
   * Threads of numerical libraries in each worker (OMP_NUM_THREADS and its kin). Zero: their own
   * choice, which does not survive a fork with OpenMP. Default: {@code 1}; range: 0 to 1024.
   */
  public int threads() {
    return ProcessSettings.THREADS.in(values);
  }

  /**
   * Largest data segment of a worker (RLIMIT_DATA). Zero: inherited from the server. Default:
   * {@code 0}; range: 0 or at least 16MiB.
   */
  public long maxData() {
    return ProcessSettings.MAX_DATA.in(values);
  }

  /**
   * Most open files of a worker (RLIMIT_NOFILE). Zero: inherited from the server. Default: {@code
   * 0}; range: 0 or 32 to 1048576.
   */
  public int maxFiles() {
    return ProcessSettings.MAX_FILES.in(values);
  }

  /**
   * Lines a second that one worker may print into the server's log; what exceeds it is dropped and
   * counted. Zero: no limit. Default: {@code 200}; range: 0 to 1000000.
   */
  public int outputRate() {
    return ProcessSettings.OUTPUT_RATE.in(values);
  }

  /**
   * Signal that interrupts a cancelled call. Default: {@code SIGUSR1}; range: a signal that Python
   * leaves free.
   */
  public String cancelSignal() {
    return ProcessSettings.CANCEL_SIGNAL.in(values);
  }

  /**
   * Signal that makes a worker dump the stacks of its threads. Default: {@code SIGUSR2}; range: a
   * signal that Python leaves free; not cancel-signal.
   */
  public String dumpSignal() {
    return ProcessSettings.DUMP_SIGNAL.in(values);
  }

  /**
   * Time that a cancelled call gets to end before its stacks are dumped. Default: {@code 1s};
   * range: zero or more.
   */
  public Duration cancelGrace() {
    return ProcessSettings.CANCEL_GRACE.in(values);
  }

  /** Time that the stack dump gets before SIGTERM. Default: {@code 200ms}; range: zero or more. */
  public Duration dumpGrace() {
    return ProcessSettings.DUMP_GRACE.in(values);
  }

  /** Time between SIGTERM and SIGKILL. Default: {@code 2s}; range: zero or more. */
  public Duration termGrace() {
    return ProcessSettings.TERM_GRACE.in(values);
  }

  /**
   * Variables {@code environment.<NAME>} that workers get besides the passed ones, as written:
   * {@code {slot}} is not yet replaced. May hold secrets. Default: none.
   */
  public Map<String, String> environment() {
    return environment;
  }

  /** The same for one worker: {@code {slot}} is replaced by the number of its slot. */
  public Map<String, String> environment(int slot) {
    Map<String, String> replaced = new TreeMap<>();
    environment.forEach((key, value) -> replaced.put(key, value.replace("{slot}", "" + slot)));
    return replaced;
  }

  /** Every setting but secrets and the values of {@link #environment()}, which may be some. */
  @Override
  public String toString() {
    return KeyCatalogue.describe(name, values, size, maxSize, environment.keySet());
  }
}
