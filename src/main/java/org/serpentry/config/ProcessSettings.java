// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Settings of one pool for its processes: {@code serpentry.pool.<name>.<key>}.
 *
 * <p>Bounds that join two settings are checked in {@link PoolConfigBuilder}.
 */
final class ProcessSettings {
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

  private static final SettingList DECLARED = new SettingList("Code and interpreter");

  static final Setting<List<String>> PRELOAD =
      DECLARED.declare(
          "preload",
          ValueType.TEXTS,
          "",
          "module names",
          value -> value.stream().allMatch(MODULE.asMatchPredicate()),
          "Python modules imported before the first call, with forkserver once for all workers.");

  static final Setting<List<Path>> CODE_DIRECTORIES =
      DECLARED.declare(
          "code-directories",
          ValueType.PATHS,
          "",
          "",
          value -> true,
          "Directories of Python modules, searched before the application's own WEB-INF/python.");

  static final Setting<String> INTERPRETER =
      DECLARED.declare(
          "interpreter",
          ValueType.TEXT,
          "python3",
          "a path or a name on the PATH",
          value -> !value.isBlank(),
          "Python interpreter: a path or a name on the PATH. With requirements it is the one the environment is made from and must not lie in a virtual environment itself.");

  static final Setting<Optional<Path>> REQUIREMENTS =
      DECLARED.declare(
          "requirements",
          ValueType.PATH,
          "",
          "",
          value -> true,
          "Locked requirements file with hashes, from which the Python environment is made. Empty: the interpreter is used as it is.");

  static final Setting<Optional<Path>> WHEELHOUSE =
      DECLARED.declare(
          "wheelhouse",
          ValueType.PATH,
          "",
          "only with requirements",
          value -> true,
          "Directory of wheels that is the only source of packages. Empty: pip's own sources.");

  static final Setting<Optional<Path>> ENVIRONMENT_CACHE =
      DECLARED.declare(
          "environment-cache",
          ValueType.PATH,
          "~/.cache/serpentry",
          "",
          value -> value.isPresent(),
          "Lasting directory that holds the environments made from requirements.");

  static final Setting<Boolean> BUILD_ENVIRONMENT =
      DECLARED.declare(
          "build-environment",
          ValueType.BOOLEAN,
          "true",
          "",
          value -> true,
          "Whether a missing environment is built at deployment. false: the start fails instead and says how to build it beforehand.");

  static final Setting<List<String>> ENVIRONMENT_PASS =
      DECLARED
          .section("Process")
          .declare(
              "environment-pass",
              ValueType.TEXTS,
              "",
              "names of environment variables",
              value -> value.stream().allMatch(VARIABLE.asMatchPredicate()),
              "Variables of the server's environment that workers get besides PATH, HOME, LANG, TZ, TMPDIR, the proxy and the SSL_CERT variables.");

  static final Setting<Optional<Path>> WORKING_DIRECTORY =
      DECLARED.declare(
          "working-directory",
          ValueType.PATH,
          "",
          "",
          value -> true,
          "Working directory of the workers. Empty: the pool's private run directory.");

  static final Setting<Integer> UMASK =
      DECLARED.declare(
          "umask",
          ValueType.OCTAL,
          "077",
          "000 to 777",
          value -> value >= 0 && value <= 0777,
          "File mode mask of the workers, in octal.");

  static final Setting<Integer> NICE =
      DECLARED.declare(
          "nice",
          ValueType.INTEGER,
          "0",
          "0 to 19",
          value -> value >= 0 && value <= 19,
          "Added to the workers' niceness. Zero: they run like the server.");

  static final Setting<Integer> THREADS =
      DECLARED.declare(
          "threads",
          ValueType.INTEGER,
          "1",
          "0 to 1024",
          value -> value >= 0 && value <= 1024,
          "Threads of numerical libraries in each worker (OMP_NUM_THREADS and its kin). Zero: their own choice, which does not survive a fork with OpenMP.");

  static final Setting<Long> MAX_DATA =
      DECLARED.declare(
          "max-data",
          ValueType.BYTES,
          "0",
          "0 or at least 16MiB",
          value -> value == 0 || value >= 16L << 20,
          "Largest data segment of a worker (RLIMIT_DATA). Zero: inherited from the server.");

  static final Setting<Integer> MAX_FILES =
      DECLARED.declare(
          "max-files",
          ValueType.INTEGER,
          "0",
          "0 or 32 to 1048576",
          value -> value == 0 || (value >= 32 && value <= 1_048_576),
          "Most open files of a worker (RLIMIT_NOFILE). Zero: inherited from the server.");

  static final Setting<Integer> OUTPUT_RATE =
      DECLARED.declare(
          "output-rate",
          ValueType.INTEGER,
          "200",
          "0 to 1000000",
          value -> value >= 0 && value <= 1_000_000,
          "Lines a second that one worker may print into the server's log; what exceeds it is dropped and counted. Zero: no limit.");

  static final Setting<String> CANCEL_SIGNAL =
      DECLARED
          .section("Stuck calls")
          .declare(
              "cancel-signal",
              ValueType.TEXT,
              "SIGUSR1",
              "a signal that Python leaves free",
              SIGNALS::contains,
              "Signal that interrupts a cancelled call.");

  static final Setting<String> DUMP_SIGNAL =
      DECLARED.declare(
          "dump-signal",
          ValueType.TEXT,
          "SIGUSR2",
          "a signal that Python leaves free; not cancel-signal",
          SIGNALS::contains,
          "Signal that makes a worker dump the stacks of its threads.");

  static final Setting<Duration> CANCEL_GRACE =
      DECLARED.declare(
          "cancel-grace",
          ValueType.DURATION,
          "1s",
          "zero or more",
          value -> !value.isNegative(),
          "Time that a cancelled call gets to end before its stacks are dumped.");

  static final Setting<Duration> DUMP_GRACE =
      DECLARED.declare(
          "dump-grace",
          ValueType.DURATION,
          "200ms",
          "zero or more",
          value -> !value.isNegative(),
          "Time that the stack dump gets before SIGTERM.");

  static final Setting<Duration> TERM_GRACE =
      DECLARED.declare(
          "term-grace",
          ValueType.DURATION,
          "2s",
          "zero or more",
          value -> !value.isNegative(),
          "Time between SIGTERM and SIGKILL.");

  private ProcessSettings() {}

  /** In the order of the documentation. */
  static List<Setting<?>> all() {
    return DECLARED.all();
  }
}
