// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.faulttolerance.Bulkhead;
import org.eclipse.microprofile.faulttolerance.Retry;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.serpentry.config.PoolConfig;
import org.serpentry.ee.GuardedCall;
import org.serpentry.ee.PoolGuard;

@Tag("layer-1")
class GuardClassesTest {

  @ParameterizedTest
  @CsvSource({
    "default, Default",
    "image-models-2, ImageModels_2",
    "a-1, A_1",
    "a1, A1",
    "guard-template, GuardTemplate_",
    "class-file, ClassFile_"
  })
  void aGuardIsNamedAfterItsPool(String pool, String simpleName) {
    assertThat(GuardClasses.className(pool)).isEqualTo("org.serpentry.ee.guard." + simpleName);
  }

  @Test
  void noTwoPoolsShareAName() {
    List<String> pools = new ArrayList<>(List.of("a", "b"));
    for (int at = 0; pools.get(at).length() < 6; at++) {
      for (String sign : new String[] {"a", "b", "1", "-"}) {
        pools.add(pools.get(at) + sign);
      }
    }
    pools.addAll(List.of("guard-classes", "guard-classes-", "guard-template", "guard-template-"));
    pools.addAll(List.of("class-file", "class-file-", "class-file--", "guard--classes"));

    assertThat(pools.stream().map(GuardClasses::className)).doesNotHaveDuplicates();
  }

  @Test
  void theAnnotationsCarryThePoolsNumbers() throws Exception {
    PoolConfig pool =
        PoolConfig.builder("unit-numbers")
            .size(2)
            .maxSize(3)
            .queueCapacity(4)
            .checkoutTimeout(Duration.ofSeconds(2))
            .operationTimeout(Duration.ofSeconds(8))
            .maxRetries(6)
            .retryDelay(Duration.ofMillis(70))
            .build();

    Class<?> guard = GuardClasses.define(pool, true);

    assertThat(guard.getName()).isEqualTo("org.serpentry.ee.guard.UnitNumbers");
    assertThat(guard.getDeclaredConstructor().newInstance()).isInstanceOf(PoolGuard.class);
    Method call = guard.getMethod("call", GuardedCall.class);
    // With the longest pause, 5 times 70 ms, which lies in the attempt.
    assertThat(call.getAnnotation(Timeout.class).value()).isEqualTo(15_350);
    assertThat(call.getAnnotation(Retry.class).maxRetries()).isEqualTo(6);
    assertThat(call.getAnnotation(Retry.class).delay()).isZero();
    assertThat(call.getAnnotation(Retry.class).maxDuration()).isEqualTo(7 * 15_350);
    assertThat(call.getAnnotation(Bulkhead.class).value()).isEqualTo(7);
    assertThat(guard.getMethods())
        .as("asynchronous calls do not come by")
        .noneMatch(method -> method.getName().equals("callAsync"));
  }

  @Test
  void aGuardWithoutTimeoutHasAllTheOtherAnnotations() throws Exception {
    Class<?> timed = GuardClasses.define(PoolConfig.builder("unit-timed").build(), true);
    Class<?> untimed = GuardClasses.define(PoolConfig.builder("unit-untimed").build(), false);

    List<Annotation> expected = new ArrayList<>(annotations(timed));
    assertThat(expected.removeIf(Timeout.class::isInstance)).isTrue();
    assertThat(annotations(untimed)).containsExactlyInAnyOrderElementsOf(expected).hasSize(4);
    assertThat(untimed.getDeclaredConstructor().newInstance()).isInstanceOf(PoolGuard.class);
  }

  private static List<Annotation> annotations(Class<?> guard) throws NoSuchMethodException {
    return List.of(guard.getMethod("call", GuardedCall.class).getAnnotations());
  }

  @Test
  void aGuardThatExistsPointsAtALibraryBesideTheApplications() {
    PoolConfig pool = PoolConfig.builder("unit-twice").build();
    GuardClasses.define(pool, false);

    assertThatThrownBy(() -> GuardClasses.define(pool, false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("UnitTwice exists already")
        .hasMessageContaining("jar belongs into each application");
  }
}
