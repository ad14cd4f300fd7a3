// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.BindingException;
import org.serpentry.api.ErrorCategory;
import org.serpentry.api.FunctionNotExposedException;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.PythonType;
import org.serpentry.config.NanPolicy;
import org.serpentry.original.Original;

/** What callers and functions get wrong: each is a typed failure, and the worker serves on. */
@Original("protocol")
@Tag("core-pool")
@Tag("layer-2")
class BadInputTest {

  private static final BigInteger LARGE = BigInteger.TWO.pow(70);
  private static final PythonType<Object> ANYTHING = new PythonType<>() {};

  @TempDir static Path modules;

  private static WatchedPool pool;
  private int worker;

  @BeforeAll
  static void start() {
    pool = WatchedPool.start(1, c -> c, modules);
  }

  @AfterAll
  static void stop() {
    pool.close();
  }

  @BeforeEach
  void rememberWorker() {
    worker = pool.pid(0);
  }

  @AfterEach
  void theSameWorkerServesOn() {
    assertThat(pool.assertWhole()).containsExactly(worker);
  }

  @Test
  void namesTheNearestFunctionWhenOneIsNotExposed() {
    assertThatExceptionOfType(FunctionNotExposedException.class)
        .isThrownBy(() -> pool.function("pooled:tokken").call())
        .withMessageContaining("pooled:tokken")
        .withMessageContaining("token")
        .satisfies(
            e -> {
              assertThat(e.target()).isEqualTo("pooled:tokken");
              assertThat(e.isTransient()).isFalse();
              assertThat(e.category()).isEqualTo(ErrorCategory.PYTHON);
            });
  }

  @Test
  void callsNothingThatIsNotPublished() {
    for (String target : List.of("pooled:hidden", "pooled:os.getpid", "os:getpid")) {
      assertThatExceptionOfType(FunctionNotExposedException.class)
          .as(target)
          .isThrownBy(() -> pool.function(target).call());
    }
  }

  @Test
  void namesAMissingModule() {
    assertThatExceptionOfType(FunctionNotExposedException.class)
        .isThrownBy(() -> pool.function("nowhere:f").call())
        .withMessageContaining("nowhere");
  }

  @Test
  void refusesATargetThatIsNone() {
    for (String target :
        List.of("", "module", "module:", ":f", "a b:c", "m:f:g", "m:" + "f".repeat(600))) {
      assertThatIllegalArgumentException()
          .as(target)
          .isThrownBy(() -> pool.function(target))
          .withMessageContaining("module:function");
    }
  }

  @Test
  void reportsAModuleThatRaisesAndTakesItOnceItIsRepaired() throws IOException {
    Path module = modules.resolve("repaired.py");
    Files.writeString(module, "import serpentry\n\nraise LookupError('no licence file')\n");
    assertThatExceptionOfType(PythonCallException.class)
        .isThrownBy(() -> pool.function("repaired:f").call())
        .satisfies(
            e -> {
              assertThat(e.type()).isEqualTo("import_failed");
              assertThat(e.pythonType()).isEqualTo("builtins.LookupError");
              assertThat(e.pythonMessage()).isEqualTo("no licence file");
              assertThat(e.traceback()).contains("repaired.py");
              assertThat(e.frames()).last().satisfies(f -> assertThat(f.line()).isEqualTo(3));
            });
    Files.writeString(
        module, "import serpentry\n\n@serpentry.expose\ndef f() -> str:\n    return 'repaired'\n");
    assertThat(pool.function("repaired:f").call(String.class)).isEqualTo("repaired");
  }

  @Test
  void namesTheArgumentThatDoesNotFit() {
    assertBinding(pool.function("pooled:typed").arg("count", "many").arg("name", "x"), "count");
    assertBinding(pool.function("pooled:typed").arg("count", 2).arg("name", 3), "name");
    assertBinding(pool.function("pooled:typed").arg("count", null).arg("name", "x"), "count");
    assertBinding(pool.function("pooled:typed").arg("count", 2).arg("nome", "x"), "nome");
    assertBinding(pool.function("pooled:typed").arg("count", 2), "name");
    assertBinding(pool.function("pooled:typed").args(2, "x", 4), null);
    assertBinding(pool.function("pooled:typed").args(2).arg("count", 2), "count");
    assertThat(pool.function("pooled:typed").args(2).arg("name", "x").call(String.class))
        .isEqualTo("xx");
  }

  private static void assertBinding(org.serpentry.api.PythonFunction call, String argument) {
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(call::call)
        .satisfies(
            e -> {
              assertThat(e.direction()).isEqualTo(BindingException.Direction.ARGUMENT);
              if (argument != null) {
                assertThat(e).hasMessageContaining(argument);
              }
            });
  }

  @Test
  void namesTypeAndPlaceOfAResultThatJsonCannotCarry() {
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool.function("pooled:spoilt").arg("key", "bad").call(ANYTHING))
        .withMessageContaining("lock")
        .withMessageContaining("bad")
        .satisfies(e -> assertThat(e.direction()).isEqualTo(BindingException.Direction.RESULT));
  }

  /** A class that no JSON string becomes. */
  public record Person(int age) {}

  @Test
  void namesTheTypeThatAResultDoesNotFit() {
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool.function("faulty:echo").args("no person").call(Person.class))
        .withMessageContaining("Person")
        .withMessageContaining("faulty:echo")
        .satisfies(e -> assertThat(e.direction()).isEqualTo(BindingException.Direction.RESULT));
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool.function("faulty:echo").args("x").call(Integer.class));
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool.function("faulty:echo").args(LARGE).call(Integer.class));
  }

  @Test
  void refusesAnArgumentThatJavaCannotWrite() {
    List<Object> endless = new ArrayList<>();
    endless.add(endless);
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool.function("faulty:echo").args(endless).call())
        .satisfies(e -> assertThat(e.direction()).isEqualTo(BindingException.Direction.ARGUMENT));
  }

  @Test
  void refusesNumbersThatAreNoneBothWays() {
    for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1.0 / 0}) {
      assertThatExceptionOfType(BindingException.class)
          .as("%s to Python", value)
          .isThrownBy(() -> pool.function("faulty:echo").args(value).call())
          .satisfies(e -> assertThat(e.direction()).isEqualTo(BindingException.Direction.ARGUMENT));
    }
    for (String value : List.of("nan", "inf", "-inf")) {
      assertThatExceptionOfType(BindingException.class)
          .as("%s to Java", value)
          .isThrownBy(() -> pool.function("pooled:real").args(value).call(Double.class))
          .satisfies(e -> assertThat(e.direction()).isEqualTo(BindingException.Direction.RESULT));
    }
  }

  @Test
  void letsThemPassWhereThePoolAllowsThem() {
    try (WatchedPool allowing = WatchedPool.start(1, c -> c.nan(NanPolicy.ALLOW))) {
      assertThat(allowing.function("faulty:echo").args(Double.NaN).call(Double.class)).isNaN();
      assertThat(allowing.function("pooled:real").args("-inf").call(Double.class))
          .isEqualTo(Double.NEGATIVE_INFINITY);
    }
  }

  @Test
  void carriesIntegersOfAnySizeBothWays() {
    assertThat(pool.function("pooled:power").args(2, 70).call(BigInteger.class)).isEqualTo(LARGE);
    assertThat(pool.function("pooled:is_power").args(LARGE, 2, 70).call(Boolean.class)).isTrue();
    assertThat(pool.function("pooled:is_power").args(LARGE.negate(), 2, 70).call(Boolean.class))
        .isFalse();
    assertThat(pool.function("faulty:echo").args(Long.MIN_VALUE).call(Long.class))
        .isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void carriesDecimalsWithoutRoundingBothWays() {
    BigDecimal value = new BigDecimal("12345678901234567890.1234567890123456789");
    assertThat(pool.function("pooled:exact").args(value).call(BigDecimal.class)).isEqualTo(value);
    BigDecimal price = new BigDecimal("0.10");
    assertThat(pool.function("pooled:exact").args(price).call(BigDecimal.class))
        .isEqualByComparingTo(price);
  }

  @Test
  void refusesNestingBeyondTheLimitBothWays() {
    int limit = pool.pool().config().maxNesting();
    assertThat(pool.function("pooled:depth").args(nested(limit - 1)).call(Integer.class))
        .isEqualTo(limit - 1);
    assertThat(pool.function("pooled:nested").args(limit).call(ANYTHING)).isNotNull();
    assertThatExceptionOfType(PythonPoolException.class)
        .isThrownBy(() -> pool.function("pooled:depth").args(nested(limit + 1)).call())
        .withMessageContaining("nest");
    assertThatExceptionOfType(PythonPoolException.class)
        .isThrownBy(() -> pool.function("pooled:nested").args(limit + 1).call(ANYTHING))
        .withMessageContaining("nest");
    assertThatExceptionOfType(PythonPoolException.class)
        .isThrownBy(() -> pool.function("pooled:depth").args(nested(100_000)).call());
    assertThatExceptionOfType(PythonPoolException.class)
        .isThrownBy(() -> pool.function("pooled:nested").args(100_000).call(ANYTHING));
  }

  private static Object nested(int levels) {
    Object value = List.of();
    for (int i = 1; i < levels; i++) {
      value = List.of(value);
    }
    return value;
  }

  @Test
  void reportsWhatPythonRaisedWithItsFrames() {
    assertThatExceptionOfType(PythonCallException.class)
        .isThrownBy(() -> pool.function("faulty:fail").call())
        .satisfies(
            e -> {
              assertThat(e.pythonType()).isEqualTo("builtins.ValueError");
              assertThat(e.pythonMessage()).isEqualTo("as asked");
              assertThat(e.getStackTrace()[0].getMethodName()).isEqualTo("fail");
              assertThat(e.isTransient()).isFalse();
            });
    for (String kind : List.of("KeyboardInterrupt", "GeneratorExit", "MemoryError", "SystemExit")) {
      assertThatExceptionOfType(PythonCallException.class)
          .as(kind)
          .isThrownBy(() -> pool.function("faulty:fail").args(kind).call())
          .satisfies(e -> assertThat(e.pythonType()).endsWith(kind));
    }
    assertThatExceptionOfType(PythonCallException.class)
        .isThrownBy(() -> pool.function("faulty:recurse").call())
        .satisfies(e -> assertThat(e.pythonType()).isEqualTo("builtins.RecursionError"));
    assertThatExceptionOfType(PythonCallException.class)
        .isThrownBy(() -> pool.function("faulty:sys_exit").call())
        .satisfies(e -> assertThat(e.pythonType()).isEqualTo("builtins.SystemExit"));
  }

  @Test
  void answersAFailedCallByItsFallback() {
    assertThat(
            pool.function("faulty:fail")
                .fallback(e -> Map.of("because", e.type()))
                .call(new PythonType<Map<String, Object>>() {}))
        .containsEntry("because", "python_error");
  }

  @Test
  void passesTextOfEverySortWhole() {
    String text = "Zoë\u0000\u2028日本🐍\"\\\n";
    assertThat(pool.function("faulty:echo").args(text).call(String.class)).isEqualTo(text);
    assertThat(pool.function("faulty:echo").arg("value", null).call(String.class)).isNull();
  }
}
