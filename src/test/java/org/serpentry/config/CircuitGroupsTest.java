// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("layer-1")
@Tag("core-pool")
class CircuitGroupsTest {

  @Test
  void byDefaultAModuleIsAGroup() {
    CircuitGroups groups = new CircuitGroups(List.of("module"));
    assertThat(groups.of("shop.prices:score")).isEqualTo("shop.prices");
    assertThat(groups.anyNamed()).isFalse();
  }

  @Test
  void theFirstPatternThatFitsNamesTheGroup() {
    CircuitGroups groups =
        new CircuitGroups(List.of("llm=chat:*", "llm=qa:answer", "all=*", "module"));
    assertThat(groups.of("chat:reply")).isEqualTo("llm");
    assertThat(groups.of("qa:answer")).isEqualTo("llm");
    assertThat(groups.of("qa:rank")).isEqualTo("all");
    assertThat(groups.anyNamed()).isTrue();
  }

  @Test
  void whatFitsNoPatternHasAGroupOnlyWithModule() {
    assertThat(new CircuitGroups(List.of("llm=chat:*")).of("qa:rank")).isNull();
    assertThat(new CircuitGroups(List.of("llm=chat:*", "module")).of("qa:rank")).isEqualTo("qa");
    assertThat(new CircuitGroups(List.of("none")).of("qa:rank")).isNull();
  }

  @Test
  void aPatternsOtherSignsStandForThemselves() {
    CircuitGroups groups = new CircuitGroups(List.of("one=a.b:c"));
    assertThat(groups.of("a.b:c")).isEqualTo("one");
    assertThat(groups.of("axb:c")).isNull();
  }

  @Test
  void whatIsNoGroupIsRefused() {
    assertThat(CircuitGroups.accepts(List.of("module"))).isTrue();
    assertThat(CircuitGroups.accepts(List.of("llm=*", "module"))).isTrue();
    assertThat(CircuitGroups.accepts(List.of())).isFalse();
    assertThat(CircuitGroups.accepts(List.of("none", "module"))).isFalse();
    assertThat(CircuitGroups.accepts(List.of("llm"))).isFalse();
    assertThat(CircuitGroups.accepts(List.of("=chat:*"))).isFalse();
    assertThat(CircuitGroups.accepts(List.of("llm="))).isFalse();
    assertThat(CircuitGroups.accepts(List.of("*=chat:*"))).isFalse();
  }
}
