// SPDX-License-Identifier: Apache-2.0
package org.serpentry.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.management.PoolStatus;
import org.serpentry.management.PythonPoolMXBean;

/** The meters against the bean that they read. */
@Tag("layer-1")
class PoolMeterTest {
  /** How many there were when this was last looked at. */
  private static final int KNOWN = 54;

  /** Each number of the bean is one that no other has, also in other units. */
  private final Map<String, Long> numbers = new TreeMap<>();

  private final Set<String> read = new HashSet<>();
  private final PythonPoolMXBean bean =
      (PythonPoolMXBean)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {PythonPoolMXBean.class},
              (proxy, method, arguments) -> answer(method));

  @Test
  void theNumbersOfTheBeanAreMetersInTheirUnits() {
    Set<Double> meters = new HashSet<>();
    for (PoolMeter meter : PoolMeter.ALL) {
      meters.add(meter.value().applyAsDouble(bean));
    }

    Set<String> missing = new TreeSet<>();
    for (Method method : PythonPoolMXBean.class.getMethods()) {
      if (isNumber(method) && !meters.contains(number(method) / divisor(method.getName()))) {
        missing.add(method.getName());
      }
    }

    // The launcher is told as up or not. An attribute that is new may come later, none may go.
    assertThat(missing).contains("getLauncherPid");
    assertThat(numbers.size() - missing.size()).isGreaterThanOrEqualTo(KNOWN);
  }

  @Test
  void nothingThatIsNoAttributeIsRead() {
    assertThat(PoolMeter.ALL).allMatch(meter -> meter.value().applyAsDouble(bean) >= 0);
    assertThat(read).isNotEmpty().allMatch(name -> name.startsWith("get"));
  }

  @Test
  void oneStatusIsOneAndTheOthersAreZero() {
    List<Double> statuses =
        PoolMeter.ALL.stream()
            .filter(meter -> meter.name().equals("serpentry.pool.status"))
            .map(meter -> meter.value().applyAsDouble(bean))
            .toList();

    assertThat(statuses).hasSize(PoolStatus.values().length).containsOnly(0.0, 1.0);
    assertThat(statuses.stream().mapToDouble(Double::doubleValue).sum()).isEqualTo(1);
  }

  @Test
  void metersOfOneNameDifferInTheirTagsAndAgreeInEverythingElse() {
    Map<String, List<PoolMeter>> byName =
        PoolMeter.ALL.stream().collect(Collectors.groupingBy(PoolMeter::name));

    byName.forEach(
        (name, meters) -> {
          assertThat(meters).extracting(PoolMeter::tags).as(name).doesNotHaveDuplicates();
          assertThat(meters)
              .as(name)
              .extracting(m -> m.description() + m.unit() + m.counter())
              .containsOnly(
                  meters.get(0).description() + meters.get(0).unit() + meters.get(0).counter());
        });
    assertThat(byName).hasSizeGreaterThan(25);
  }

  private Object answer(Method method) {
    read.add(method.getName());
    if (isNumber(method)) {
      return method.getReturnType() == int.class ? (Object) (int) number(method) : number(method);
    }
    return switch (method.getName()) {
      case "getStatus" -> PoolStatus.EXHAUSTED;
      case "getCrashBreakerState" -> "OPEN";
      case "getLastErrorAt", "getSuspendedSince" -> "2026-11-21T20:00:00Z";
      default -> throw new UnsupportedOperationException(method.getName());
    };
  }

  private long number(Method method) {
    return numbers.computeIfAbsent(method.getName(), name -> 1_000_003L + 7_919L * numbers.size());
  }

  private static boolean isNumber(Method method) {
    return Arrays.asList(int.class, long.class).contains(method.getReturnType())
        && method.getParameterCount() == 0
        && method.getName().startsWith("get");
  }

  private static double divisor(String name) {
    return name.endsWith("Millis") ? 1e3 : name.endsWith("Micros") ? 1e6 : 1;
  }
}
