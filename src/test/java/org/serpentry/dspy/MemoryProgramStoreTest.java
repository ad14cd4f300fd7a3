// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.dspy.ProgramStore.Kept;

/** Programs in memory. */
@Tag("layer-1")
class MemoryProgramStoreTest {
  private static final Instant NOW = Instant.ofEpochSecond(1);

  private final MemoryProgramStore store = new MemoryProgramStore(3);

  private static ProgramDefinition program(String id) {
    return ProgramDefinition.named(id).input("question", "string").output("a", "string").build();
  }

  @Test
  void idsAreUniqueInASessionAndAmongTheGlobalOnes() {
    assertThat(store.create(null, program("qa"), NOW)).isEqualTo(Kept.YES);
    assertThat(store.create(null, program("qa"), NOW)).isEqualTo(Kept.DUPLICATE);
    assertThat(store.create("s", program("qa"), NOW)).isEqualTo(Kept.YES);
    assertThat(store.create("s", program("qa"), NOW)).isEqualTo(Kept.DUPLICATE);
    assertThat(store.list("s")).hasSize(1);
    assertThat(store.list(null)).hasSize(1);
    assertThat(store.all()).hasSize(2);
  }

  @Test
  void thereIsRoomForSoManyAndAgainForWhatIsDeleted() {
    for (String id : new String[] {"a", "b", "c"}) {
      assertThat(store.create(null, program(id), NOW)).isEqualTo(Kept.YES);
    }
    assertThat(store.create(null, program("d"), NOW)).isEqualTo(Kept.FULL);
    assertThat(store.create(null, program("a"), NOW)).isEqualTo(Kept.DUPLICATE);
    assertThat(store.delete(null, "a")).isTrue();
    assertThat(store.delete(null, "a")).isFalse();
    assertThat(store.create(null, program("d"), NOW)).isEqualTo(Kept.YES);
  }

  @Test
  void aSessionIsKnownAsLongAsItHasPrograms() {
    assertThat(store.hasSession("s")).isFalse();
    store.create("s", program("a"), NOW);
    store.create("s", program("b"), NOW);
    assertThat(store.delete("s", "a")).isTrue();
    assertThat(store.hasSession("s")).isTrue();
    assertThat(store.deleteSession("s")).isEqualTo(1);
    assertThat(store.hasSession("s")).isFalse();
    assertThat(store.clear()).isZero();
  }

  @Test
  void aSessionWhoseProgramsComeAndGoAtOnceIsKnownOnlyByThose() {
    MemoryProgramStore wide = new MemoryProgramStore(100);
    IntStream.range(0, 4_000)
        .parallel()
        .forEach(
            number -> {
              if (number % 2 == 0) {
                wide.create("s", program("p" + number % 6), NOW);
              } else {
                wide.deleteSession("s");
              }
            });

    int left = wide.deleteSession("s");

    assertThat(wide.hasSession("s")).as("after the last %s", left).isFalse();
    assertThat(wide.all()).isEmpty();
  }

  @Test
  void noExecutionOfManyIsLost() {
    store.create(null, program("qa"), NOW);

    IntStream.range(0, 1_000).parallel().forEach(i -> store.executed(null, "qa", NOW));

    assertThat(store.find(null, "qa").orElseThrow().executionCount()).isEqualTo(1_000);
    store.executed(null, "gone", NOW);
    assertThat(store.find(null, "gone")).isEmpty();
  }

  @Test
  void definitionsThatDifferOnlyInTheirBordersHaveDifferentVersions() {
    ProgramDefinition one =
        ProgramDefinition.named("x").input("ab", "string").output("c", "string").build();
    ProgramDefinition two =
        ProgramDefinition.named("x").input("a", "string", "b").output("c", "string").build();

    assertThat(one.version()).isNotEqualTo(two.version()).hasSize(64);
    assertThat(one.version())
        .isEqualTo(
            ProgramDefinition.named("y")
                .input("ab", "string")
                .output("c", "string")
                .build()
                .version());
  }

  @Test
  void aKeyIsInNoText() {
    LmConfig config = LmConfig.model("openai/x").apiKey("sk-secret-key").build();

    assertThat(config.toString()).contains("openai/x").doesNotContain("sk-secret");
    assertThat(config.wire().toString()).doesNotContain("sk-secret");
    assertThat(config.wire("s").toString()).doesNotContain("sk-secret");
    assertThat(config.wire("s"))
        .containsEntry("api_key", "sk-secret-key")
        .containsEntry("scope", "s");
    assertThat(new LmVersions().number(null, config).toString()).doesNotContain("sk-secret");
  }

  @Test
  void laterSettingsStayInForceWhateverOrderTheyArriveIn() {
    LmVersions versions = new LmVersions();
    LmVersions.Numbered first = versions.number(null, LmConfig.model("a").build());
    LmVersions.Numbered second = versions.number(null, LmConfig.model("b").build());
    LmVersions.Numbered own = versions.number("s", LmConfig.model("c").build());

    versions.publish(second);
    versions.publish(first);
    versions.publish(own);

    assertThat(versions.of(null)).isEqualTo(second);
    assertThat(versions.of("other")).isEqualTo(second);
    assertThat(versions.of("s")).isEqualTo(own);
    versions.forget("s");
    assertThat(versions.of("s")).isEqualTo(second);
  }
}
