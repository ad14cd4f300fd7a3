// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.util.List;
import java.util.regex.Pattern;

/** Settings of the whole application: {@code serpentry.<key>}. */
final class ApplicationSettings {
  private static final Pattern FUNCTION =
      Pattern.compile("(?!serpentry:)[\\p{L}_][\\p{L}\\p{N}_.]*:([\\p{L}_][\\p{L}\\p{N}_]*|\\*)");

  private static final SettingList DECLARED = new SettingList("Application");

  static final Setting<List<String>> POOLS =
      DECLARED.declare(
          "pools",
          ValueType.TEXTS,
          "default",
          "at least one name, each at most 32 lower-case letters, digits and dashes, a letter first",
          value -> !value.isEmpty() && value.stream().distinct().count() == value.size(),
          "Names of the pools. The first is the one that is injected without a name.");
  static final Setting<String> APPLICATION_NAME =
      DECLARED.declare(
          "application-name",
          ValueType.TEXT,
          "",
          "",
          value -> true,
          "Name of the application in JMX and logs. Empty: the server's name for it, without its"
              + " version.");
  static final Setting<String> TEST_MODE =
      DECLARED.declare(
          "test-mode",
          ValueType.TEXT,
          "",
          "mock_adapter, bridge_mock or full_integration",
          value -> true,
          "What answers the calls of all pools in a test, whatever their adapter says. Empty: the"
              + " variable TEST_MODE, else each pool's adapter.");
  static final Setting<OperationPolicy> MANAGEMENT_OPERATIONS =
      DECLARED
          .section("Management")
          .declare(
              "management.operations",
              ValueType.oneOf(OperationPolicy.class),
              "all",
              "",
              value -> true,
              "What operators may do over JMX: all; safe, what loses no running call and keeps none"
                  + " out, and no change of settings; none, nothing but looking. The server's own"
                  + " access control applies as well.");
  static final Setting<Boolean> REST_ENABLED =
      DECLARED
          .section("REST")
          .declare(
              "rest.enabled",
              ValueType.BOOLEAN,
              "false",
              "",
              value -> true,
              "Whether the functions of rest.functions can be called over REST.");
  static final Setting<List<String>> REST_FUNCTIONS =
      DECLARED.declare(
          "rest.functions",
          ValueType.TEXTS,
          "",
          "module:function or module:*, never the module serpentry",
          value -> value.stream().allMatch(FUNCTION.asMatchPredicate()),
          "What REST may call, out of the functions that Python exposes. Empty: nothing.");
  static final Setting<String> REST_ROLE =
      DECLARED.declare(
          "rest.role",
          ValueType.TEXT,
          "serpentry-caller",
          "a role's name",
          value -> !value.isBlank(),
          "Role that callers over REST must have. Only with the development profile, and only from"
              + " loopback, is it not asked for.");
  static final Setting<Long> REST_MAX_BODY_SIZE =
      DECLARED.declare(
          "rest.max-body-size",
          ValueType.BYTES,
          "1MiB",
          "1KiB to 1GiB",
          value -> value >= 1L << 10 && value <= 1L << 30,
          "Largest body of a request over REST; the pool's max-frame-size applies as well.");
  static final Setting<Boolean> REST_STATUS_PAGE =
      DECLARED
          .section("Watching over HTTP")
          .declare(
              "rest.status-page",
              ValueType.BOOLEAN,
              "false",
              "",
              value -> true,
              "Whether api/status is a page that shows the pools live. It needs no rest.enabled.");
  static final Setting<Boolean> REST_METRICS =
      DECLARED.declare(
          "rest.metrics",
          ValueType.BOOLEAN,
          "false",
          "",
          value -> true,
          "Whether api/metrics gives the pools' metrics to Prometheus. It needs no rest.enabled.");
  static final Setting<String> REST_MONITOR_ROLE =
      DECLARED.declare(
          "rest.monitor-role",
          ValueType.TEXT,
          "",
          "a role's name",
          value -> true,
          "Role that is asked of who looks at the status page and the metrics, which tell process"
              + " ids and texts of errors. Empty: that of rest.role. The development profile asks"
              + " for none on loopback.");

  private ApplicationSettings() {}

  /** In the order of the documentation. */
  static List<Setting<?>> all() {
    return DECLARED.all();
  }
}
