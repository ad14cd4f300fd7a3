// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import jakarta.enterprise.context.Dependent;
import org.eclipse.microprofile.faulttolerance.Fallback;

/**
 * Finds out whether the server applies MicroProfile Fault Tolerance, since one that lacks it
 * ignores its annotations silently. Fallback is the one part that no configuration turns off.
 */
@Dependent
public class FaultToleranceProbe {

  /** For CDI. */
  public FaultToleranceProbe() {}

  /**
   * Whether the annotations are in force.
   *
   * @return true through the fallback; false where there is none
   */
  static boolean inForce(FaultToleranceProbe probe) {
    try {
      return probe.fails();
    } catch (UnguardedException e) {
      return false;
    }
  }

  /** Always fails; a server that applies the annotation answers by {@link #answers}. */
  @Fallback(fallbackMethod = "answers")
  public boolean fails() {
    throw new UnguardedException();
  }

  /** The fallback. */
  public boolean answers() {
    return true;
  }

  private static final class UnguardedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
