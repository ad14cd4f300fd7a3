// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.session.MemorySessionStore;

/** What ends with a session, without a pool. */
@Tag("core-pool")
@Tag("layer-1")
class SessionEndsTest {
  private final MemorySessionStore states =
      new MemorySessionStore(System::nanoTime, Duration.ofHours(1), 1 << 20);
  private final SessionEnds ends =
      new SessionEnds("test", states, "p/", new SessionFailures("test", null, null));

  @Test
  void whoeverIsHeldByNobodyElseIsNotKept() {
    List<String> dropped = new ArrayList<>();
    ends.add("notes", dropped, List::add);
    WeakReference<List<String>> left = addAndLeave();
    while (!left.refersTo(null)) {
      System.gc();
    }
    ends.drop("s");

    ends.add("more notes", dropped, List::add);

    assertThat(ends.keepers()).isEqualTo(2);
    ends.drop("t");
    assertThat(dropped).containsExactly("s", "t", "t");
  }

  private WeakReference<List<String>> addAndLeave() {
    List<String> sketches = new ArrayList<>();
    ends.add("sketches", sketches, List::add);
    return new WeakReference<>(sketches);
  }

  @Test
  void everythingGoesThatCanWhateverFails() {
    List<String> dropped = new ArrayList<>();
    states.create("p/s", new byte[] {'{', '}'});
    for (int number = 0; number < 3; number++) {
      ends.add(
          "part " + number,
          dropped,
          (all, id) -> {
            all.add(id);
            throw new IllegalStateException("locked");
          });
    }

    assertThatThrownBy(() -> ends.drop("s"))
        .hasMessageContaining("its part 0 and part 1 and part 2 could not be dropped")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2));

    assertThat(dropped).hasSize(3);
    assertThat(states.list()).isEmpty();
  }
}
