// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import jakarta.enterprise.context.RequestScoped;
import org.eclipse.microprofile.faulttolerance.Retry;

/** Shows whether a server has CDI and MicroProfile Fault Tolerance, without Serpentry. */
@RequestScoped
public class RetriedBean {
  private int attempts;

  /** The server this bean runs in. */
  public String server() {
    return ServerUnderTest.name();
  }

  /** Fails twice; without the interceptor the first failure reaches the caller. */
  @Retry(maxRetries = 2, delay = 0, jitter = 0)
  public int succeedsAtTheThirdAttempt() {
    attempts++;
    if (attempts < 3) {
      throw new IllegalStateException("attempt " + attempts);
    }
    return attempts;
  }
}
