// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The settings of one pool, each declared once: {@code serpentry.pool.<name>.<key>}.
 *
 * <p>Bounds that join two settings are checked in {@link PoolConfigBuilder}.
 */
final class PoolSettings {
  private static final Pattern MODULE =
      Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*(\\.[\\p{L}_][\\p{L}\\p{N}_]*)*");
  static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Set<String> SIGNALS =
      Set.of(
          "SIGUSR1",
          "SIGUSR2",
          "SIGRTMIN",
          "SIGRTMAX",
          "SIGURG",
          "SIGIO",
          "SIGWINCH",
          "SIGPROF",
          "SIGVTALRM");

  /** In the order of the documentation; filled by the declarations below. */
  private static final List<Setting<?>> DECLARED = new ArrayList<>();

  // Size and start

  static final Setting<WorkerCount> SIZE =
      declare(
          "size",
          ValueType.COUNT,
          "2xcores",
          "1 to 10000",
          value -> true,
          "Workers that the pool keeps. cores is the number of processors that the JVM sees.");

  static final Setting<WorkerCount> MAX_SIZE =
      declare(
          "max-size",
          ValueType.COUNT,
          "size+2",
          "size to 10000",
          value -> true,
          "Workers that the pool may have under load; what exceeds size is retired when idle.");

  static final Setting<StartMode> START =
      declare(
          "start",
          ValueType.oneOf(StartMode.class),
          "eager",
          "",
          value -> true,
          "When workers start: eager waits for them at the start of the pool, lazy starts them with the first calls, background starts them without waiting.");

  static final Setting<Duration> START_TIMEOUT =
      declare(
          "start-timeout",
          ValueType.DURATION,
          "60s",
          "positive",
          value -> positive(value),
          "Longest time for the template or a worker to import its code and become ready.");

  static final Setting<StartMethod> START_METHOD =
      declare(
          "start-method",
          ValueType.oneOf(StartMethod.class),
          "forkserver",
          "",
          value -> true,
          "How workers start: forkserver forks them from a template that has imported the preload modules once, spawn starts a new interpreter for each (for CUDA and imports that start threads).");

  static final Setting<Duration> IDLE_TIMEOUT =
      declare(
          "idle-timeout",
          ValueType.DURATION,
          "60s",
          "zero or more",
          value -> !value.isNegative(),
          "Idle time after which a worker beyond size is retired. Zero: never.");

  static final Setting<Duration> RESTART_BACKOFF_MIN =
      declare(
          "restart-backoff-min",
          ValueType.DURATION,
          "100ms",
          "positive",
          value -> positive(value),
          "Pause before the second restart in a row of a worker that died before it served a call; it doubles from there. The first restart is immediate.");

  static final Setting<Duration> RESTART_BACKOFF_MAX =
      declare(
          "restart-backoff-max",
          ValueType.DURATION,
          "60s",
          "positive",
          value -> positive(value),
          "Longest pause between restarts; not below restart-backoff-min.");

  static final Setting<Duration> HEALTH_CHECK_INTERVAL =
      declare(
          "health-check-interval",
          ValueType.DURATION,
          "30s",
          "zero or more",
          value -> !value.isNegative(),
          "Time between two probes of an idle worker. Zero: no probes.");

  static final Setting<Duration> SHUTDOWN_TIMEOUT =
      declare(
          "shutdown-timeout",
          ValueType.DURATION,
          "10s",
          "zero or more",
          value -> !value.isNegative(),
          "Time that running calls get to finish when the pool closes. Zero: they are cancelled at once.");

  // Calls

  static final Setting<Integer> QUEUE_CAPACITY =
      declare(
          "queue-capacity",
          ValueType.INTEGER,
          "1000",
          "0 to 1000000",
          value -> value >= 0 && value <= 1_000_000,
          "Calls that may wait for a worker; one more is refused at once. Zero: no call waits.");

  static final Setting<Duration> CHECKOUT_TIMEOUT =
      declare(
          "checkout-timeout",
          ValueType.DURATION,
          "45s",
          "positive",
          value -> positive(value),
          "Longest wait of a call for a worker.");

  static final Setting<Duration> OPERATION_TIMEOUT =
      declare(
          "operation-timeout",
          ValueType.DURATION,
          "120s",
          "positive",
          value -> positive(value),
          "Longest run of a call once it has a worker; then it is cancelled.");

  static final Setting<Integer> MAX_RETRIES =
      declare(
          "max-retries",
          ValueType.INTEGER,
          "3",
          "0 to 100",
          value -> value >= 0 && value <= 100,
          "Further attempts of a call whose worker failed, only when the call certainly did not start or is declared idempotent. Zero: none.");

  static final Setting<Duration> RETRY_DELAY =
      declare(
          "retry-delay",
          ValueType.DURATION,
          "100ms",
          "zero or more",
          value -> !value.isNegative(),
          "Pause before the second further attempt; it grows by as much with each one after it. The first further attempt follows at once. Zero: no pauses.");

  static final Setting<FaultToleranceMode> FAULT_TOLERANCE =
      declare(
          "fault-tolerance",
          ValueType.oneOf(FaultToleranceMode.class),
          "microprofile",
          "",
          value -> true,
          "Who retries and limits calls of injected pools: microprofile, the server's MicroProfile Fault Tolerance, or core, the pool itself.");

  static final Setting<Long> MAX_FRAME_SIZE =
      declare(
          "max-frame-size",
          ValueType.BYTES,
          "64MiB",
          "64KiB to 1GiB",
          value -> value >= 1L << 16 && value <= 1L << 30,
          "Largest request and largest result on the wire.");

  static final Setting<Integer> MAX_NESTING =
      declare(
          "max-nesting",
          ValueType.INTEGER,
          "128",
          "1 to 900",
          value -> value >= 1 && value <= 900,
          "Deepest nesting of arrays and objects in arguments and results. The bound is what Python's own recursion limit leaves.");

  static final Setting<NanPolicy> NAN =
      declare(
          "nan",
          ValueType.oneOf(NanPolicy.class),
          "refuse",
          "",
          value -> true,
          "What happens to NaN and infinities: refuse or allow.");

  static final Setting<CodecChoice> CODEC =
      declare(
          "codec",
          ValueType.oneOf(CodecChoice.class),
          "auto",
          "",
          value -> true,
          "JSON codec of the Python side; auto takes the fastest one installed.");

  // Code and interpreter

  static final Setting<List<String>> PRELOAD =
      declare(
          "preload",
          ValueType.TEXTS,
          "",
          "module names",
          value -> value.stream().allMatch(MODULE.asMatchPredicate()),
          "Python modules imported before the first call, with forkserver once for all workers.");

  static final Setting<List<Path>> CODE_DIRECTORIES =
      declare(
          "code-directories",
          ValueType.PATHS,
          "",
          "",
          value -> true,
          "Directories of Python modules, searched before the application's own WEB-INF/python.");

  static final Setting<String> INTERPRETER =
      declare(
          "interpreter",
          ValueType.TEXT,
          "python3",
          "a path or a name on the PATH",
          value -> !value.isBlank(),
          "Python interpreter: a path or a name on the PATH. With requirements it is the one the environment is made from and must not lie in a virtual environment itself.");

  static final Setting<Optional<Path>> REQUIREMENTS =
      declare(
          "requirements",
          ValueType.PATH,
          "",
          "",
          value -> true,
          "Locked requirements file with hashes, from which the Python environment is made. Empty: the interpreter is used as it is.");

  static final Setting<Optional<Path>> WHEELHOUSE =
      declare(
          "wheelhouse",
          ValueType.PATH,
          "",
          "only with requirements",
          value -> true,
          "Directory of wheels that is the only source of packages. Empty: pip's own sources.");

  static final Setting<Optional<Path>> ENVIRONMENT_CACHE =
      declare(
          "environment-cache",
          ValueType.PATH,
          "~/.cache/serpentry",
          "",
          value -> value.isPresent(),
          "Lasting directory that holds the environments made from requirements.");

  static final Setting<Boolean> BUILD_ENVIRONMENT =
      declare(
          "build-environment",
          ValueType.BOOLEAN,
          "true",
          "",
          value -> true,
          "Whether a missing environment is built at deployment. false: the start fails instead and says how to build it beforehand.");

  // Process

  static final Setting<List<String>> ENVIRONMENT_PASS =
      declare(
          "environment-pass",
          ValueType.TEXTS,
          "",
          "names of environment variables",
          value -> value.stream().allMatch(VARIABLE.asMatchPredicate()),
          "Variables of the server's environment that workers get besides PATH, HOME, LANG, TZ, TMPDIR, the proxy and the SSL_CERT variables.");

  static final Setting<Optional<Path>> WORKING_DIRECTORY =
      declare(
          "working-directory",
          ValueType.PATH,
          "",
          "",
          value -> true,
          "Working directory of the workers. Empty: the pool's private run directory.");

  static final Setting<Integer> UMASK =
      declare(
          "umask",
          ValueType.OCTAL,
          "077",
          "000 to 777",
          value -> value >= 0 && value <= 0777,
          "File mode mask of the workers, in octal.");

  static final Setting<Integer> NICE =
      declare(
          "nice",
          ValueType.INTEGER,
          "0",
          "0 to 19",
          value -> value >= 0 && value <= 19,
          "Added to the workers' niceness. Zero: they run like the server.");

  static final Setting<Integer> THREADS =
      declare(
          "threads",
          ValueType.INTEGER,
          "1",
          "0 to 1024",
          value -> value >= 0 && value <= 1024,
          "Threads of numerical libraries in each worker (OMP_NUM_THREADS and its kin). Zero: their own choice, which does not survive a fork with OpenMP.");

  static final Setting<Long> MAX_DATA =
      declare(
          "max-data",
          ValueType.BYTES,
          "0",
          "0 or at least 16MiB",
          value -> value == 0 || value >= 16L << 20,
          "Largest data segment of a worker (RLIMIT_DATA). Zero: inherited from the server.");

  static final Setting<Integer> MAX_FILES =
      declare(
          "max-files",
          ValueType.INTEGER,
          "0",
          "0 or 32 to 1048576",
          value -> value == 0 || (value >= 32 && value <= 1_048_576),
          "Most open files of a worker (RLIMIT_NOFILE). Zero: inherited from the server.");

  static final Setting<Integer> OUTPUT_RATE =
      declare(
          "output-rate",
          ValueType.INTEGER,
          "200",
          "0 to 1000000",
          value -> value >= 0 && value <= 1_000_000,
          "Lines a second that one worker may print into the server's log; what exceeds it is dropped and counted. Zero: no limit.");

  // Stuck calls

  static final Setting<String> CANCEL_SIGNAL =
      declare(
          "cancel-signal",
          ValueType.TEXT,
          "SIGUSR1",
          "a signal that Python leaves free",
          SIGNALS::contains,
          "Signal that interrupts a cancelled call.");

  static final Setting<String> DUMP_SIGNAL =
      declare(
          "dump-signal",
          ValueType.TEXT,
          "SIGUSR2",
          "a signal that Python leaves free; not cancel-signal",
          SIGNALS::contains,
          "Signal that makes a worker dump the stacks of its threads.");

  static final Setting<Duration> CANCEL_GRACE =
      declare(
          "cancel-grace",
          ValueType.DURATION,
          "1s",
          "zero or more",
          value -> !value.isNegative(),
          "Time that a cancelled call gets to end before its stacks are dumped.");

  static final Setting<Duration> DUMP_GRACE =
      declare(
          "dump-grace",
          ValueType.DURATION,
          "200ms",
          "zero or more",
          value -> !value.isNegative(),
          "Time that the stack dump gets before SIGTERM.");

  static final Setting<Duration> TERM_GRACE =
      declare(
          "term-grace",
          ValueType.DURATION,
          "2s",
          "zero or more",
          value -> !value.isNegative(),
          "Time between SIGTERM and SIGKILL.");

  private PoolSettings() {}

  /** All of them, in the order of the documentation. */
  static List<Setting<?>> all() {
    return List.copyOf(DECLARED);
  }

  private static boolean positive(Duration value) {
    return !value.isNegative() && !value.isZero();
  }

  private static <T> Setting<T> declare(
      String key,
      ValueType<T> type,
      String defaultText,
      String bound,
      Predicate<T> check,
      String description) {
    Setting<T> setting = new Setting<>(key, type, defaultText, bound, check, description);
    DECLARED.add(setting);
    return setting;
  }
}
