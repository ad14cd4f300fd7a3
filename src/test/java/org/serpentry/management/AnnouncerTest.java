// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import javax.management.Notification;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("layer-1")
class AnnouncerTest {
  private final List<Notification> sent = new ArrayList<>();
  private final Deque<Runnable> thread = new ArrayDeque<>();
  private final Announcer announcer =
      new Announcer(
          Clock.systemUTC(),
          () -> new NotificationThrottle(() -> 0),
          task -> thread.size() < NotificationThrottle.BURST + 1 && thread.add(task));

  {
    announcer
        .broadcaster()
        .addNotificationListener((notification, handback) -> sent.add(notification), null, null);
  }

  @Test
  void aStormOfOneKindIsCutShortCountedAndKeepsNoOtherKindOut() {
    for (int i = 0; i < 10_000; i++) {
      announcer.tellOfWorker(Announcer.WORKER_STATE, 3, i, "moved", Map.of());
    }
    announcer.tellOfPool(Announcer.POOL_STATUS, "EXHAUSTED: all busy");

    thread.forEach(Runnable::run);
    assertThat(sent).hasSize(NotificationThrottle.BURST + 1);
    assertThat(sent.get(sent.size() - 1).getType()).isEqualTo("serpentry.pool.status");
    assertThat(announcer.suppressed()).isEqualTo(10_000 - NotificationThrottle.BURST);
    assertThat(announcer.events().items()).hasSize(200);
    assertThat(announcer.events().items().get(0).number()).isEqualTo(10_001);
  }

  @Test
  void userDataIsOfTheJdksTypesAndHasWhatBelongsToTheKind() {
    announcer.tellOfWorker(Announcer.WORKER_EXIT, 3, 17, "died", Map.of("how", "signal SIGKILL"));

    thread.remove().run();
    assertThat(sent.get(0).getUserData())
        .isEqualTo(Map.of("how", "signal SIGKILL", "number", "1", "slot", "3", "worker", "17"));
    assertThat(sent.get(0).getSequenceNumber()).isEqualTo(1);
  }

  @Test
  void filtersRunOnTheThreadOfTheListenersAndNotOnThatOfTheEvent() {
    List<Notification> asked = new ArrayList<>();
    announcer
        .broadcaster()
        .addNotificationListener(
            (notification, handback) -> sent.add(notification),
            notification -> {
              asked.add(notification);
              return false;
            },
            null);

    announcer.tellOfPool(Announcer.POOL_STATUS, "OK: as it should be");
    assertThat(asked).isEmpty();
    assertThat(sent).isEmpty();

    thread.remove().run();
    assertThat(asked).hasSize(1);
    assertThat(sent).hasSize(1);
  }

  @Test
  void whatTheThreadDoesNotTakeIsCounted() {
    for (String kind : List.of(Announcer.WORKER_STATE, Announcer.WORKER_EXIT)) {
      for (int i = 0; i < NotificationThrottle.BURST; i++) {
        announcer.tellOfWorker(kind, 3, i, "moved", Map.of());
      }
    }

    assertThat(thread).hasSize(NotificationThrottle.BURST + 1);
    assertThat(announcer.suppressed()).isEqualTo(NotificationThrottle.BURST - 1);
  }

  @Test
  void whatAnOperatorTypesIsKeptAsOneLineOfBoundedLength() {
    String typed = "endSession(a\r\n\u001b[31m" + "x".repeat(1_000_000) + ")";

    announcer.tellOfPool(Announcer.OPERATION, typed, Map.of("operation", typed));

    String kept = announcer.events().items().get(0).text();
    assertThat(kept).startsWith("endSession(a\\r\\n\\u001b[31mxx").hasSizeLessThan(3_000);
    thread.remove().run();
    assertThat(sent.get(0).getMessage()).isEqualTo(kept);
    assertThat(sent.get(0).getUserData())
        .isEqualTo(Map.of("operation", kept, "number", "1", "slot", "-1", "worker", "0"));
  }
}
