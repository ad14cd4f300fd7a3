// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.management.Notification;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("layer-1")
class AnnouncerTest {
  private final List<Notification> sent = new ArrayList<>();
  private final Announcer announcer =
      new Announcer(Clock.systemUTC(), () -> new NotificationThrottle(() -> 0), Runnable::run);

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

    assertThat(sent).hasSize(NotificationThrottle.BURST + 1);
    assertThat(sent.get(sent.size() - 1).getType()).isEqualTo("serpentry.pool.status");
    assertThat(announcer.suppressed()).isEqualTo(10_000 - NotificationThrottle.BURST);
    assertThat(announcer.events().items()).hasSize(200);
    assertThat(announcer.events().items().get(0).number()).isEqualTo(10_001);
  }

  @Test
  void userDataIsOfTheJdksTypesAndHasWhatBelongsToTheKind() {
    announcer.tellOfWorker(Announcer.WORKER_EXIT, 3, 17, "died", Map.of("how", "signal SIGKILL"));

    assertThat(sent.get(0).getUserData())
        .isEqualTo(Map.of("how", "signal SIGKILL", "number", "1", "slot", "3", "worker", "17"));
    assertThat(sent.get(0).getSequenceNumber()).isEqualTo(1);
  }
}
