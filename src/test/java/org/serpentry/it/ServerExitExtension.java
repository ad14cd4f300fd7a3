// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.arquillian.container.spi.event.container.AfterUnDeploy;
import org.jboss.arquillian.core.api.annotation.Observes;
import org.jboss.arquillian.core.spi.LoadableExtension;

/**
 * Waits until Payara Micro has ended. Its adapter starts one server per deployment and ends it
 * without waiting, so that the next test class would find its ports still taken.
 */
public final class ServerExitExtension implements LoadableExtension {
  private static final long LIMIT_SECONDS = 60;

  @Override
  public void register(ExtensionBuilder builder) {
    builder.observer(Waiter.class);
  }

  /** Made and called by Arquillian. */
  public static final class Waiter {
    /** Blocks until the server's process is gone. */
    void await(@Observes AfterUnDeploy event)
        throws InterruptedException, ExecutionException, TimeoutException {
      if (!ServerUnderTest.name().equals("payara")) {
        return;
      }
      for (ProcessHandle child : ProcessHandle.current().children().toList()) {
        child.onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS);
      }
    }
  }
}
