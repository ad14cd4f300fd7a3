// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.time.Duration;
import java.util.List;

/**
 * Settings of one pool for its size and its calls: {@code serpentry.pool.<name>.<key>}.
 *
 * <p>Bounds that join two settings are checked in {@link PoolConfigBuilder}.
 */
final class PoolSettings {
  private static final SettingList DECLARED = new SettingList("Size and start");

  static final Setting<WorkerCount> SIZE =
      DECLARED.declare(
          "size",
          ValueType.COUNT,
          "2xcores",
          "1 to 10000",
          value -> true,
          "Workers that the pool keeps. cores is the number of processors that the JVM sees.");

  static final Setting<WorkerCount> MAX_SIZE =
      DECLARED.declare(
          "max-size",
          ValueType.COUNT,
          "size+2",
          "size to 10000",
          value -> true,
          "Workers that the pool may have under load; what exceeds size is retired when idle.");

  static final Setting<StartMode> START =
      DECLARED.declare(
          "start",
          ValueType.oneOf(StartMode.class),
          "eager",
          "",
          value -> true,
          "When workers start: eager waits for them at the start of the pool, lazy starts them with the first calls, background starts them without waiting.");

  static final Setting<Duration> START_TIMEOUT =
      DECLARED.declare(
          "start-timeout",
          ValueType.DURATION,
          "60s",
          "positive",
          value -> positive(value),
          "Longest time for the template or a worker to import its code and become ready.");

  static final Setting<StartMethod> START_METHOD =
      DECLARED.declare(
          "start-method",
          ValueType.oneOf(StartMethod.class),
          "forkserver",
          "",
          value -> true,
          "How workers start: forkserver forks them from a template that has imported the preload modules once, spawn starts a new interpreter for each (for CUDA and imports that start threads).");

  static final Setting<Duration> IDLE_TIMEOUT =
      DECLARED.declare(
          "idle-timeout",
          ValueType.DURATION,
          "60s",
          "zero or more",
          value -> !value.isNegative(),
          "Idle time after which a worker beyond size is retired. Zero: never.");

  static final Setting<Duration> RESTART_BACKOFF_MIN =
      DECLARED.declare(
          "restart-backoff-min",
          ValueType.DURATION,
          "100ms",
          "positive",
          value -> positive(value),
          "Pause before the second restart in a row of a worker that died before it served a call; it doubles from there. The first restart is immediate.");

  static final Setting<Duration> RESTART_BACKOFF_MAX =
      DECLARED.declare(
          "restart-backoff-max",
          ValueType.DURATION,
          "60s",
          "positive",
          value -> positive(value),
          "Longest pause between restarts; not below restart-backoff-min.");

  static final Setting<Duration> HEALTH_CHECK_INTERVAL =
      DECLARED.declare(
          "health-check-interval",
          ValueType.DURATION,
          "30s",
          "zero or more",
          value -> !value.isNegative(),
          "Time between two probes of an idle worker. Zero: no probes.");

  static final Setting<Duration> SHUTDOWN_TIMEOUT =
      DECLARED.declare(
          "shutdown-timeout",
          ValueType.DURATION,
          "10s",
          "zero or more",
          value -> !value.isNegative(),
          "Time that running calls get to finish when the pool closes. Zero: they are cancelled at once.");

  static final Setting<Integer> QUEUE_CAPACITY =
      DECLARED
          .section("Calls")
          .declare(
              "queue-capacity",
              ValueType.INTEGER,
              "1000",
              "0 to 1000000",
              value -> value >= 0 && value <= 1_000_000,
              "Calls that may wait for a worker; one more is refused at once. Zero: no call waits.");

  static final Setting<Duration> CHECKOUT_TIMEOUT =
      DECLARED.declare(
          "checkout-timeout",
          ValueType.DURATION,
          "45s",
          "positive",
          value -> positive(value),
          "Longest wait of a call for a worker.");

  static final Setting<Duration> OPERATION_TIMEOUT =
      DECLARED.declare(
          "operation-timeout",
          ValueType.DURATION,
          "120s",
          "positive",
          value -> positive(value),
          "Longest run of a call once it has a worker; then it is cancelled.");

  static final Setting<Integer> MAX_RETRIES =
      DECLARED.declare(
          "max-retries",
          ValueType.INTEGER,
          "3",
          "0 to 100",
          value -> value >= 0 && value <= 100,
          "Further attempts of a call whose worker failed, only when the call certainly did not start or is declared idempotent. Zero: none.");

  static final Setting<Duration> RETRY_DELAY =
      DECLARED.declare(
          "retry-delay",
          ValueType.DURATION,
          "100ms",
          "zero or more",
          value -> !value.isNegative(),
          "What the pauses between attempts are made of, as retry-backoff says; by itself none before the first further attempt, then once, twice, three times as long. Zero: no pauses.");

  static final Setting<FaultToleranceMode> FAULT_TOLERANCE =
      DECLARED.declare(
          "fault-tolerance",
          ValueType.oneOf(FaultToleranceMode.class),
          "microprofile",
          "",
          value -> true,
          "Who retries and limits calls of injected pools: microprofile, the server's MicroProfile Fault Tolerance, or core, the pool itself.");

  static final Setting<Long> MAX_FRAME_SIZE =
      DECLARED.declare(
          "max-frame-size",
          ValueType.BYTES,
          "64MiB",
          "64KiB to 1GiB",
          value -> value >= 1L << 16 && value <= 1L << 30,
          "Largest request and largest result on the wire.");

  static final Setting<Integer> MAX_NESTING =
      DECLARED.declare(
          "max-nesting",
          ValueType.INTEGER,
          "128",
          "1 to 900",
          value -> value >= 1 && value <= 900,
          "Deepest nesting of arrays and objects in arguments and results. The bound is what Python's own recursion limit leaves.");

  static final Setting<NanPolicy> NAN =
      DECLARED.declare(
          "nan",
          ValueType.oneOf(NanPolicy.class),
          "refuse",
          "",
          value -> true,
          "What happens to NaN and infinities: refuse or allow.");

  static final Setting<CodecChoice> CODEC =
      DECLARED.declare(
          "codec",
          ValueType.oneOf(CodecChoice.class),
          "auto",
          "",
          value -> true,
          "JSON codec of the Python side; auto takes the fastest one installed.");

  private PoolSettings() {}

  /** In the order of the documentation. */
  static List<Setting<?>> all() {
    return DECLARED.all();
  }

  private static boolean positive(Duration value) {
    return !value.isNegative() && !value.isZero();
  }
}
