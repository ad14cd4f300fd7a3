// SPDX-License-Identifier: Apache-2.0
package org.serpentry.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.original.Original;
import org.serpentry.spi.SessionStore.Entry;
import org.serpentry.spi.SessionStore.FullException;

/** The store in memory, as the original's was tested. */
@Original("session_store")
@Tag("core-pool")
@Tag("layer-1")
class MemorySessionStoreTest {

  private static final Duration TTL = Duration.ofHours(1);

  private final AtomicLong now = new AtomicLong();
  private final MemorySessionStore store = new MemorySessionStore(now::get, TTL, 2_000);

  private static byte[] text(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void createsOnceAndNeverOver() {
    assertThat(store.create("s", text("{}"))).isTrue();
    assertThat(store.create("s", text("{1}"))).isFalse();
    assertThat(store.get("s")).contains(new Entry(1, text("{}")));
    assertThat(store.statistics().conflicts()).isEqualTo(1);
  }

  @Test
  void getCountsAsUse() {
    store.create("s", text("{}"));
    now.addAndGet(TTL.toNanos() - 1);
    assertThat(store.get("s")).isPresent();
    now.addAndGet(TTL.toNanos() - 1);
    assertThat(store.get("s")).isPresent();
    now.addAndGet(TTL.toNanos());
    assertThat(store.list()).isEmpty();
    assertThat(store.get("s")).isEmpty();
    assertThat(store.statistics().expired()).isEqualTo(1);
    assertThat(store.statistics().bytes()).isZero();
  }

  @Test
  void replacesOnlyTheVersionThatItsCallerSaw() {
    store.create("s", text("{}"));

    assertThat(store.replace("s", 2, text("no"))).isFalse();
    assertThat(store.replace("s", 1, text("yes"))).isTrue();
    assertThat(store.replace("other", 1, text("no"))).isFalse();

    assertThat(store.get("s")).contains(new Entry(2, text("yes")));
    assertThat(store.list()).containsExactly("s");
  }

  @Test
  void aChangeThatThrowsChangesNothing() {
    store.create("s", text("{}"));
    IllegalStateException thrown = new IllegalStateException("no");

    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(
            () ->
                store.update(
                    "s",
                    state -> {
                      throw thrown;
                    }))
        .isSameAs(thrown);

    assertThat(store.get("s")).contains(new Entry(1, text("{}")));
  }

  @Test
  void changesOfManyAtOnceAreAllThere() {
    store.create("s", text("0"));

    IntStream.range(0, 1_000)
        .parallel()
        .forEach(
            i ->
                store.update(
                    "s",
                    state ->
                        text(Integer.toString(1 + Integer.parseInt(new String(state, UTF_8))))));

    assertThat(store.get("s")).contains(new Entry(1_001, text("1000")));
    assertThat(store.update("none", state -> state)).isEmpty();
  }

  @Test
  void deletingAgainDoesNothing() {
    store.create("s", text("{}"));

    assertThat(store.delete("s")).isTrue();
    assertThat(store.delete("s")).isFalse();
    assertThat(store.statistics().bytes()).isZero();
  }

  @Test
  void theSweepDropsWhatNobodyUsed() {
    store.create("old", text("{}"));
    now.addAndGet(TTL.toNanos() / 2);
    store.create("new", text("{}"));
    now.addAndGet(TTL.toNanos() / 2);

    assertThat(store.update("old", state -> text("late"))).as("not there any more").isEmpty();
    assertThat(store.sweep()).isEqualTo(1);
    assertThat(store.sweep()).isZero();
    assertThat(store.list()).containsExactly("new");
  }

  @Test
  void aStaleOneGivesWayToANewOne() {
    store.create("s", text("old"));
    now.addAndGet(TTL.toNanos());

    assertThat(store.create("s", text("new"))).isTrue();

    assertThat(store.get("s")).contains(new Entry(1, text("new")));
    long bytes = store.statistics().bytes();
    store.delete("s");
    store.create("s", text("new"));
    assertThat(store.statistics().bytes()).isEqualTo(bytes);
  }

  @Test
  void aFullStoreChangesNothing() {
    store.create("s", new byte[1_000]);

    assertThatExceptionOfType(FullException.class)
        .isThrownBy(() -> store.create("t", new byte[1_000]))
        .withMessageContaining("2000");
    assertThatExceptionOfType(FullException.class)
        .isThrownBy(() -> store.replace("s", 1, new byte[3_000]));
    assertThatExceptionOfType(FullException.class)
        .isThrownBy(() -> store.putProgram("p", new byte[1_000]));

    assertThat(store.get("s").orElseThrow().state()).hasSize(1_000);
    assertThat(store.replace("s", 1, new byte[10])).isTrue();
    assertThat(store.create("t", new byte[1_000])).isTrue();
  }

  @Test
  void programsBelongToNobodyAndStay() {
    store.putProgram("qa", text("1"));
    store.putProgram("qa", text("two"));
    now.addAndGet(TTL.toNanos() * 2);
    store.sweep();

    assertThat(store.getProgram("qa")).contains(text("two"));
    assertThat(store.listPrograms()).containsExactly("qa");
    assertThat(store.list()).isEmpty();
    assertThat(store.statistics().programs()).isEqualTo(1);
    assertThat(store.deleteProgram("qa")).isTrue();
    assertThat(store.deleteProgram("qa")).isFalse();
    assertThat(store.statistics().bytes()).isZero();
  }

  @Test
  void aProgramIsPutUnderAFreeNameByOneOfAllWhoTry() {
    List<String> won =
        IntStream.range(0, 8)
            .parallel()
            .mapToObj(Integer::toString)
            .filter(number -> store.putProgramIfAbsent("qa", text(number)))
            .toList();

    assertThat(won).hasSize(1);
    assertThat(store.getProgram("qa")).contains(text(won.get(0)));
    assertThat(store.putProgramIfAbsent("qa", text("late"))).isFalse();
    assertThat(store.deleteProgram("qa")).isTrue();
    assertThat(store.statistics().bytes()).as("what was refused took no room").isZero();
    assertThatExceptionOfType(FullException.class)
        .isThrownBy(() -> store.putProgramIfAbsent("large", new byte[3_000]));
    assertThat(store.putProgramIfAbsent("large", text("small"))).isTrue();
  }

  @Test
  void whatIsTooLargeTakesNoRoomFromOthersForAMoment() {
    assertThat(
            IntStream.range(0, 2_000)
                .parallel()
                .filter(
                    number -> {
                      if (number % 2 == 0) {
                        assertThatExceptionOfType(FullException.class)
                            .isThrownBy(() -> store.putProgram("large", new byte[3_000]));
                        return false;
                      }
                      store.putProgram("small" + number % 4, text("fits"));
                      return true;
                    })
                .count())
        .isEqualTo(1_000);
  }
}
