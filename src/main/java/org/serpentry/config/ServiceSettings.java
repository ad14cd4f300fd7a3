// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Settings of one pool for what answers its calls: {@code serpentry.pool.<name>.<key>}. */
final class ServiceSettings {
  private static final Pattern ADAPTER = Pattern.compile("[a-z][a-z0-9-]*");
  private static final List<String> STEPS = List.of("single", "mock");

  private static final SettingList DECLARED = new SettingList("What answers");

  static final Setting<String> ADAPTER_NAME =
      DECLARED.declare(
          "adapter",
          ValueType.TEXT,
          "python",
          "python, mock, or the name of an adapter on the class path",
          value -> ADAPTER.asMatchPredicate().test(value),
          "What answers the pool's calls: python, its workers, or mock, which invents answers and is refused with the profile production. The test mode comes before it.");

  static final Setting<List<String>> FALLBACK =
      DECLARED.declare(
          "fallback",
          ValueType.TEXTS,
          "",
          "single, mock or single,mock",
          value ->
              STEPS.containsAll(value)
                  && value.equals(STEPS.stream().filter(value::contains).toList()),
          "What answers in turn while the pool cannot: single, one worker started as by spawn without preload and requirements, and mock, which invents answers and is refused with the profile production. Empty: nothing, and a pool that cannot start fails the deployment.");

  static final Setting<Duration> FALLBACK_HOLD =
      DECLARED.declare(
          "fallback-hold",
          ValueType.DURATION,
          "10s",
          "positive",
          value -> !value.isNegative() && !value.isZero(),
          "Time that a fallback answers at least before a step above it is tried again; it doubles, up to eight times as long, with each relapse.");

  static final Setting<Optional<Path>> MOCK_ANSWERS =
      DECLARED.declare(
          "mock-answers",
          ValueType.PATH,
          "",
          "a JSON object of answers by module:function, module:* or *",
          value -> true,
          "File with the answers of the mock. Empty, and for all that it does not name: made-up values of the types that callers want.");

  static final Setting<Boolean> DEBUG_LOG =
      DECLARED.declare(
          "debug-log",
          ValueType.BOOLEAN,
          "false",
          "",
          value -> true,
          "Whether Python's log records of level DEBUG come to the server's log, and each call's begin and end without arguments and results. Secrets are masked, as in all records.");

  private ServiceSettings() {}

  /** In the order of the documentation. */
  static List<Setting<?>> all() {
    return DECLARED.all();
  }
}
