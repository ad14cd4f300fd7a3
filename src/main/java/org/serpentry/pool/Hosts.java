// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.channels.SelectionKey;
import java.util.Map;
import org.serpentry.attachment.SharedMemory;
import org.serpentry.transport.FrameChannel;
import org.serpentry.worker.Hello;
import org.serpentry.worker.Reception;

/** Leads whoever the reception let in to the crew. Everything runs on the reactor. */
record Hosts(Crew crew, SharedMemory memory) implements Reception.Hosts {
  private static boolean isLauncher(Hello hello) {
    return hello.role().equals("launcher");
  }

  @Override
  public String launcherArrived(Hello hello, FrameChannel channel, SelectionKey key) {
    return crew.nursery().launcherArrived(hello, channel, key);
  }

  @Override
  public String workerArrived(Hello hello, FrameChannel channel, SelectionKey key) {
    return crew.workerArrived(hello, channel, key);
  }

  @Override
  public Map<String, Object> welcome(Hello hello) {
    return isLauncher(hello) ? Map.of() : Map.of("sharedMemory", memory.welcome(hello.worker()));
  }

  @Override
  public void welcomed(Hello hello, SelectionKey sending) {
    if (isLauncher(hello)) {
      crew.nursery().launcherWelcomed();
    } else {
      if (sending != null) {
        crew.replyWatch().sendingConnected(hello.worker(), sending);
      }
      crew.workerWelcomed(hello.worker());
    }
  }

  @Override
  public void refused(String reason) {
    crew.announcer().warn("a connection to the pool's socket was refused: " + reason);
  }

  @Override
  public void ready(Hello hello, SelectionKey key) {
    if (isLauncher(hello)) {
      crew.nursery().launcherReadable();
    } else {
      crew.replyWatch().ready(hello.worker(), key);
    }
  }
}
