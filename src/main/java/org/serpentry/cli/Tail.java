// SPDX-License-Identifier: Apache-2.0
package org.serpentry.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import javax.management.JMException;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.remote.JMXConnectionNotification;
import javax.management.remote.JMXConnector;

/**
 * Prints what pools tell, a line each, and how much of it did not arrive. What it hears comes on
 * threads of the connection.
 */
final class Tail {

  private final PrintStream out;
  private final boolean json;
  private final CountDownLatch ended = new CountDownLatch(1);

  Tail(PrintStream out, boolean json) {
    this.out = out;
    this.json = json;
  }

  /** Prints until the connection ends, which is told by an exception. */
  int follow(JMXConnector connector, List<ObjectName> pools)
      throws IOException, JMException, InterruptedException {
    connector.addConnectionNotificationListener((told, handback) -> connection(told), null, null);
    for (ObjectName pool : pools) {
      connector
          .getMBeanServerConnection()
          .addNotificationListener(pool, (told, handback) -> hear(pool, told), null, null);
    }
    out.println(
        json
            ? Json.of(Map.of("listening", pools.stream().map(ObjectName::toString).toList()))
            : "listening to " + pools);
    ended.await();
    throw new IOException("the connection has ended");
  }

  /** Hears of the connection itself. */
  void connection(Notification told) {
    switch (told.getType()) {
      case JMXConnectionNotification.OPENED -> {}
      case JMXConnectionNotification.NOTIFS_LOST -> lost(told);
      default -> ended.countDown();
    }
  }

  /** The server keeps so many notifications for those who fetch them; here these were too few. */
  private void lost(Notification told) {
    Object count = told.getUserData() instanceof Number number ? number.longValue() : null;
    if (json) {
      out.println(Json.of(Collections.singletonMap("lost", count)));
    } else {
      out.println(
          "%s  lost  %s notifications came faster than they were fetched"
              .formatted(at(told), count == null ? "some" : "up to " + count));
    }
  }

  /** Hears of a pool. */
  void hear(ObjectName pool, Notification told) {
    Map<String, String> place = PoolTree.place(pool);
    if (json) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("at", at(told));
      line.putAll(place);
      line.put("type", told.getType());
      line.put("message", told.getMessage());
      line.put("data", PoolTree.plain(told.getUserData()));
      out.println(Json.of(line));
    } else {
      out.println(
          String.join(
              "  ",
              List.of(
                  at(told),
                  Table.cell(String.join("/", place.values())),
                  Table.cell(told.getType()),
                  Table.cell(told.getMessage()))));
    }
  }

  private static String at(Notification told) {
    return Instant.ofEpochMilli(told.getTimeStamp()).toString();
  }
}
