// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("core-pool")
@Tag("layer-1")
class MockScriptTest {

  private final MockScript script = new MockScript();

  private static MockCall call(String target, Map<String, Object> named) {
    return new MockCall(target, List.of(), named, null, new HashMap<>(), Duration.ofSeconds(1));
  }

  @Test
  void aScenarioReplacesWhatTheScriptHadAndResetKeepsIt() {
    script.scenario("down", s -> s.when("*").raises("ConnectionError", "gone"));
    script.when("m:f").returns(1);
    script.reply(call("m:f", Map.of()));

    script.play("down");

    assertThat(script.executions()).isEmpty();
    assertThat(script.reply(call("m:f", Map.of())).end())
        .isEqualTo(new MockReply.Raised("builtins.ConnectionError", "gone"));
    script.reset();
    assertThat(script.reply(call("m:f", Map.of())).end()).isInstanceOf(MockReply.Unknown.class);
    script.play("down");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> script.play("dwn"))
        .withMessageContaining("nearest is down");
  }

  @Test
  void expectedArgumentsAreComparedByWhatTheyMean() {
    Map<String, Object> nothing = new HashMap<>();
    nothing.put("x", null);
    script.when("m:f").with("x", 1L).returns("one");
    script.when("m:f").with("x", List.of(1, "a")).returns("list");
    script.when("m:f").with("x", Map.of("k", 2)).returns("map");
    script.when("m:f").with("x", null).returns("null");

    assertThat(value(Map.of("x", new BigDecimal("1.0")))).isEqualTo("one");
    assertThat(value(Map.of("x", Arrays.asList(BigDecimal.ONE, "a")))).isEqualTo("list");
    assertThat(value(Map.of("x", Map.of("k", BigDecimal.valueOf(2))))).isEqualTo("map");
    assertThat(value(nothing)).isEqualTo("null");
    assertThat(script.reply(call("m:f", Map.of("x", "1"))).end())
        .isInstanceOf(MockReply.Unknown.class);
    assertThat(script.reply(call("m:f", Map.of())).end()).isInstanceOf(MockReply.Unknown.class);
  }

  private Object value(Map<String, Object> arguments) {
    return ((MockReply.Value) script.reply(call("m:f", arguments)).end()).value();
  }

  @Test
  void theSameSeedDrawsTheSame() {
    script.injectError("m:f", 0.5, "OSError", "");
    List<Boolean> first = draws();
    script.reset();
    script.injectError("m:f", 0.5, "OSError", "");

    assertThat(draws()).isEqualTo(first).contains(true, false);
    script.reset();
    script.seed(7).injectError("m:f", 0.5, "OSError", "");
    assertThat(draws()).isNotEqualTo(first);
  }

  private List<Boolean> draws() {
    return java.util.stream.IntStream.range(0, 64)
        .mapToObj(i -> script.reply(call("m:f", Map.of())).end() instanceof MockReply.Raised)
        .toList();
  }

  @Test
  void onlyTheLastTenThousandCallsAreRemembered() {
    script.otherwise(c -> 1);
    for (int i = 0; i < 10_005; i++) {
      script.reply(call("m:f", Map.of()));
    }

    assertThat(script.executions()).hasSize(10_000);
    assertThat(script.executions().get(0).number()).isEqualTo(6);
  }

  @Test
  void argumentsDoNotShowInItsText() {
    assertThat(call("m:f", Map.of("key", "hunter2")).toString())
        .contains("key")
        .doesNotContain("hunter2");
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> script.when("f"));
    assertThatIllegalArgumentException().isThrownBy(() -> script.when("m:f").times(0));
    assertThatIllegalArgumentException().isThrownBy(() -> script.when("m:f").sometimes(1.1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> script.latency(Duration.ofMillis(2), Duration.ofMillis(1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> script.when("m:f").after(Duration.ofMillis(-1)));
  }
}
