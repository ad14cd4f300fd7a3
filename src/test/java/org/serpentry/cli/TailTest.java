// SPDX-License-Identifier: Apache-2.0
package org.serpentry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.remote.JMXConnectionNotification;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("layer-1")
class TailTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private Tail tail(boolean json) {
    return new Tail(new PrintStream(printed, true, StandardCharsets.UTF_8), json);
  }

  private String printed() {
    return printed.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  private static Notification lost(Object count) {
    Notification told =
        new JMXConnectionNotification(
            JMXConnectionNotification.NOTIFS_LOST, "connector", "id", 1, "lost", count);
    told.setTimeStamp(0);
    return told;
  }

  private static Notification told(String message) {
    Notification told = new Notification("serpentry.worker.exit", "a bean", 1, 1_500, message);
    told.setUserData(Map.of("slot", "3"));
    return told;
  }

  private static ObjectName pool() throws Exception {
    return new ObjectName("serpentry:application=shop,module=web,pool=prices");
  }

  @Test
  void aNotificationIsALineOfWhenWhereWhatAndText() throws Exception {
    tail(false).hear(pool(), told("it died:\n\u001b[31mSIGKILL"));

    assertThat(printed())
        .isEqualTo(
            "1970-01-01T00:00:01.500Z  shop/web/prices  serpentry.worker.exit "
                + " it died: ?[31mSIGKILL\n");
  }

  @Test
  void asJsonItHasItsDataToo() throws Exception {
    tail(true).hear(pool(), told("it died"));

    assertThat(printed())
        .isEqualTo(
            "{\"at\":\"1970-01-01T00:00:01.500Z\",\"application\":\"shop\",\"module\":\"web\","
                + "\"pool\":\"prices\",\"type\":\"serpentry.worker.exit\","
                + "\"message\":\"it died\",\"data\":{\"slot\":\"3\"}}\n");
  }

  @Test
  void whatDidNotArriveIsCounted() {
    Tail text = tail(false);
    text.connection(lost(17L));
    text.connection(lost(null));
    tail(true).connection(lost(17L));

    assertThat(printed().lines())
        .containsExactly(
            "1970-01-01T00:00:00Z  lost  up to 17 notifications came faster than they were fetched",
            "1970-01-01T00:00:00Z  lost  some notifications came faster than they were fetched",
            "{\"lost\":17}");
  }
}
