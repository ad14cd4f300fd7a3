// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads and checks the settings of an application from any source of texts, all problems together.
 * A blank value counts as none. For one thread.
 */
public final class ConfigReader {
  private static final String PROFILE = "mp.config.profile";
  private static final String TEST_MODE = KeyCatalogue.PREFIX + "test-mode";
  private static final Set<String> TEST_MODES =
      Set.of("mock_adapter", "bridge_mock", "full_integration");

  private final Function<String, Optional<String>> lookup;
  private final Set<String> names = new HashSet<>();
  private final List<String> problems = new ArrayList<>();

  /**
   * Reads from a source such as MicroProfile Config.
   *
   * @param lookup text of a key, or empty
   * @param names all names there are, keys as well as environment variables; those that do not
   *     begin with {@code serpentry} are skipped
   */
  public ConfigReader(Function<String, Optional<String>> lookup, Iterable<String> names) {
    this.lookup = lookup;
    names.forEach(this.names::add);
  }

  /** Reads from properties, for use without a server. */
  public static ConfigReader of(Properties properties) {
    return new ConfigReader(
        key -> Optional.ofNullable(properties.getProperty(key)), properties.stringPropertyNames());
  }

  /**
   * Reads everything.
   *
   * @throws ConfigException naming every unknown key and every refused value
   */
  public ApplicationConfig read() {
    problems.clear();
    List<String> poolNames = application(ApplicationSettings.POOLS);
    KnownKeys known = new KnownKeys(poolNames, names);
    names.stream().sorted().forEach(name -> known.problem(name).ifPresent(problems::add));
    Map<String, PoolConfig> pools = new LinkedHashMap<>();
    for (String pool : poolNames) {
      pools.put(pool, pool(pool, known));
    }
    ApplicationConfig config =
        new ApplicationConfig(
            Optional.of(application(ApplicationSettings.APPLICATION_NAME))
                .filter(name -> !name.isEmpty()),
            Collections.unmodifiableMap(pools),
            application(ApplicationSettings.MANAGEMENT_OPERATIONS),
            application(ApplicationSettings.REST_ENABLED),
            application(ApplicationSettings.REST_FUNCTIONS),
            application(ApplicationSettings.REST_ROLE),
            application(ApplicationSettings.REST_MAX_BODY_SIZE),
            monitor(),
            text(PROFILE).orElse(""),
            text(TEST_MODE).or(() -> foreignTestMode()).orElse(""));
    refuseInventions(config);
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return config;
  }

  private MonitorConfig monitor() {
    String role = application(ApplicationSettings.REST_MONITOR_ROLE);
    return new MonitorConfig(
        application(ApplicationSettings.REST_STATUS_PAGE),
        application(ApplicationSettings.REST_METRICS),
        role.isEmpty() ? application(ApplicationSettings.REST_ROLE) : role);
  }

  // Nobody owns a variable of this name: what is no mode of ours is somebody else's.
  private Optional<String> foreignTestMode() {
    return lookup.apply("TEST_MODE").map(String::trim).filter(TEST_MODES::contains);
  }

  private void refuseInventions(ApplicationConfig config) {
    if (!config.profile().equals(ApplicationConfig.PRODUCTION)) {
      return;
    }
    String reason = " is refused with mp.config.profile=production: a mock invents its answers";
    if (!config.testMode().isEmpty() && !config.testMode().equals("full_integration")) {
      problems.add("test-mode (or TEST_MODE)=" + config.testMode() + reason);
    }
    for (PoolConfig pool : config.pools().values()) {
      String prefix = KeyCatalogue.poolPrefix(pool.name());
      if (!pool.services().adapter().equals("python")) {
        problems.add(prefix + "adapter=" + pool.services().adapter() + reason);
      }
      if (pool.services().fallback().contains(ServiceConfig.MOCK)) {
        problems.add(prefix + "fallback=" + String.join(",", pool.services().fallback()) + reason);
      }
    }
  }

  private PoolConfig pool(String pool, KnownKeys known) {
    PoolConfigBuilder builder = PoolConfig.builder(pool);
    String prefix = KeyCatalogue.poolPrefix(pool);
    KeyCatalogue.poolSettings().forEach(setting -> copy(prefix, setting, builder));
    known
        .environmentOf(pool)
        .forEach(
            (variable, property) ->
                lookup.apply(property).ifPresent(value -> builder.environment(variable, value)));
    return builder.build(prefix, problems);
  }

  private <T> void copy(String prefix, Setting<T> setting, PoolConfigBuilder builder) {
    String key = prefix + setting.key();
    text(key).ifPresent(value -> builder.set(setting, setting.read(key, value, problems)));
  }

  private <T> T application(Setting<T> setting) {
    String key = KeyCatalogue.PREFIX + setting.key();
    return text(key)
        .map(value -> setting.read(key, value, problems))
        .orElse(setting.defaultValue());
  }

  // MicroProfile Config itself finds the variable behind a key; other sources need this.
  private Optional<String> text(String key) {
    return lookup
        .apply(key)
        .or(() -> lookup.apply(KeyCatalogue.environmentName(key)))
        .map(String::trim)
        .filter(value -> !value.isEmpty());
  }
}
