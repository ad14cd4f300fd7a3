// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.eclipse.microprofile.config.Config;
import org.serpentry.config.ConfigException;
import org.serpentry.config.PoolConfig;
import org.serpentry.ee.guard.GuardClasses;

/**
 * What is in force for one way of calling a pool: MicroProfile Fault Tolerance's parameters as
 * MicroProfile Config overrides them ({@code <guard's class>/<method>/<annotation>/<parameter>},
 * else {@code <annotation>/<parameter>}), else the pool's. Immutable.
 *
 * @param timeout longest time under the guard; null: there is no such limit, as by default for
 *     {@code call}, or, where nobody sets one for {@code callAsync}, the one that follows from the
 *     call
 * @param maxRetries further attempts of a call that says nothing
 * @param callers as many calls at a time; Integer.MAX_VALUE: no limit
 * @param breaker or null when turned off
 * @param timeoutEnabled whether there is a limit of time at all
 * @param fallbackEnabled whether the calls' own fallbacks are asked
 */
record GuardSettings(
    Duration timeout,
    int maxRetries,
    int callers,
    CircuitBreaker.Settings breaker,
    boolean timeoutEnabled,
    boolean fallbackEnabled) {

  private static final String TIMEOUT = "Timeout";
  private static final String RETRY = "Retry";
  private static final String BULKHEAD = "Bulkhead";
  private static final String BREAKER = "CircuitBreaker";
  private static final String VALUE = "value";
  private static final String UNIT = "unit";
  private static final String ENABLED = "enabled";

  private static final Set<String> HONOURED =
      new TreeSet<>(
          List.of(
              "Timeout/value",
              "Timeout/unit",
              "Timeout/enabled",
              "Retry/maxRetries",
              "Retry/enabled",
              "Bulkhead/value",
              "Bulkhead/enabled",
              "CircuitBreaker/requestVolumeThreshold",
              "CircuitBreaker/failureRatio",
              "CircuitBreaker/delay",
              "CircuitBreaker/delayUnit",
              "CircuitBreaker/successThreshold",
              "CircuitBreaker/enabled",
              "Fallback/enabled"));

  /**
   * What holds for {@code call}, which the server's own interceptor enforces. Its timeout, which
   * costs more than the rest of the guard, is off unless the configuration asks for it: by {@code
   * enabled}, or else by a value or a unit.
   *
   * @param config where the server reads it, too
   * @param pool the pool's settings
   * @return the settings
   * @throws ConfigException naming a key whose value is bad, or that the server would not obey
   */
  static GuardSettings ofCall(Config config, PoolConfig pool) {
    Reader reader = new Reader(config, pool, "call");
    return reader.read(GuardClasses.timeout(pool), reader.asksForTimeout());
  }

  /**
   * What holds for {@code callAsync}, which {@link AsyncGuard} enforces.
   *
   * @param config the application's
   * @param pool the pool's settings
   * @return the settings
   * @throws ConfigException naming every key of that method that nothing would obey
   */
  static GuardSettings ofCallAsync(Config config, PoolConfig pool) {
    String prefix = GuardClasses.className(pool.name()) + "/callAsync/";
    List<String> problems = new ArrayList<>();
    for (String key : config.getPropertyNames()) {
      if (key.startsWith(prefix) && !HONOURED.contains(key.substring(prefix.length()))) {
        problems.add("%s is in force for nothing; callAsync obeys %s".formatted(key, HONOURED));
      }
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    Reader reader = new Reader(config, pool, "callAsync");
    return reader.read(null, reader.enabled(TIMEOUT));
  }

  private static Duration duration(long amount, ChronoUnit unit) {
    Duration most = ChronoUnit.CENTURIES.getDuration();
    boolean countable = amount <= most.dividedBy(unit.getDuration());
    return countable ? unit.getDuration().multipliedBy(amount) : most;
  }

  private record Reader(Config config, PoolConfig pool, String method) {

    GuardSettings read(Duration timeout, boolean limited) {
      return new GuardSettings(
          limited ? timeout(timeout) : null,
          enabled(RETRY) ? retries() : 0,
          enabled(BULKHEAD)
              ? value(
                  BULKHEAD,
                  VALUE,
                  Integer.class,
                  GuardClasses.callers(pool),
                  v -> v > 0,
                  "at least 1")
              : Integer.MAX_VALUE,
          enabled(BREAKER) ? breaker() : null,
          limited,
          enabled("Fallback"));
    }

    private Duration timeout(Duration otherwise) {
      Long amount = timeoutValue();
      if (amount == null && otherwise == null) {
        return null;
      }
      ChronoUnit unit = timeoutUnit();
      return duration(
          amount == null ? otherwise.toMillis() : amount, unit == null ? ChronoUnit.MILLIS : unit);
    }

    private Long timeoutValue() {
      return value(TIMEOUT, VALUE, Long.class, null, v -> v > 0, "at least 1");
    }

    private ChronoUnit timeoutUnit() {
      return value(TIMEOUT, UNIT, ChronoUnit.class, null, u -> true, "a unit");
    }

    boolean asksForTimeout() {
      for (String parameter : new String[] {VALUE, UNIT}) {
        String ofClass = guard() + "/" + TIMEOUT + "/" + parameter;
        if (find(ofClass, String.class).isPresent()) {
          String why = "it overrides annotations of a class only, and this one is a method's; set ";
          throw refused(ofClass, why + own(TIMEOUT, parameter), null);
        }
      }
      return switchOf(TIMEOUT).orElseGet(() -> timeoutValue() != null || timeoutUnit() != null);
    }

    private int retries() {
      int most =
          value(RETRY, "maxRetries", Integer.class, pool.maxRetries(), v -> v >= -1, "at least -1");
      return most < 0 ? Integer.MAX_VALUE : most;
    }

    private CircuitBreaker.Settings breaker() {
      long delay = value(BREAKER, "delay", Long.class, 5_000L, v -> v >= 0, "at least 0");
      ChronoUnit unit =
          value(BREAKER, "delayUnit", ChronoUnit.class, ChronoUnit.MILLIS, u -> true, "a unit");
      return new CircuitBreaker.Settings(
          value(BREAKER, "requestVolumeThreshold", Integer.class, 20, v -> v > 0, "at least 1"),
          value(BREAKER, "failureRatio", Double.class, 0.5, v -> v >= 0 && v <= 1, "0 to 1"),
          duration(delay, unit),
          value(BREAKER, "successThreshold", Integer.class, 1, v -> v > 0, "at least 1"));
    }

    boolean enabled(String annotation) {
      return switchOf(annotation).orElse(true);
    }

    private Optional<Boolean> switchOf(String annotation) {
      return find(own(annotation, ENABLED), Boolean.class)
          .or(() -> find(guard() + "/" + annotation + "/" + ENABLED, Boolean.class))
          .or(() -> find(annotation + "/" + ENABLED, Boolean.class));
    }

    private String guard() {
      return GuardClasses.className(pool.name());
    }

    private String own(String annotation, String parameter) {
      return guard() + "/" + method + "/" + annotation + "/" + parameter;
    }

    private <T> T value(
        String annotation,
        String parameter,
        Class<T> type,
        T otherwise,
        Predicate<T> accepted,
        String bound) {
      String general = annotation + "/" + parameter;
      String own = own(annotation, parameter);
      Optional<T> set = find(own, type).or(() -> find(general, type));
      if (set.isPresent() && !accepted.test(set.get())) {
        throw refused(own, set.get() + " must be " + bound, null);
      }
      return set.orElse(otherwise);
    }

    private <T> Optional<T> find(String key, Class<T> type) {
      try {
        return config.getOptionalValue(key, type);
      } catch (IllegalArgumentException e) {
        throw refused(key, "no " + type.getSimpleName() + " can be made of its value", e);
      }
    }

    private static ConfigException refused(String key, String why, Throwable cause) {
      ConfigException refusal = new ConfigException(List.of(key + ": " + why));
      if (cause != null) {
        refusal.initCause(cause);
      }
      return refusal;
    }
  }
}
