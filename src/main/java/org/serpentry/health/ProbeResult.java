// SPDX-License-Identifier: Apache-2.0
package org.serpentry.health;

import org.serpentry.api.FailureKind;

/**
 * How a probe ended.
 *
 * @param failure in which way it failed, or null when it was answered or the worker has ended
 * @param answered whether it was answered by a value
 * @param reason what was seen, in a few words
 */
public record ProbeResult(FailureKind failure, boolean answered, String reason) {

  /**
   * The worker has answered.
   *
   * @param millis after how long
   * @return the result
   */
  public static ProbeResult answer(long millis) {
    return new ProbeResult(null, true, "answered after " + millis + " ms");
  }

  /**
   * The worker has not answered, or by an error.
   *
   * @param reason what happened
   * @return the result
   */
  public static ProbeResult failed(String reason) {
    return new ProbeResult(FailureKind.PROBE_FAILED, false, reason);
  }

  /**
   * The worker cannot be asked any more.
   *
   * @param failure why
   * @param reason what happened
   * @return the result
   */
  public static ProbeResult broken(FailureKind failure, String reason) {
    return new ProbeResult(failure, false, reason);
  }

  /**
   * The worker has ended or been told to; that is somebody else's business.
   *
   * @return the result
   */
  public static ProbeResult gone() {
    return new ProbeResult(null, false, "it has ended");
  }
}
