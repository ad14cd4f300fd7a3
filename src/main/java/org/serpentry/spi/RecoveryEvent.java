// SPDX-License-Identifier: Apache-2.0
package org.serpentry.spi;

import java.time.Instant;
import org.serpentry.api.FailureKind;
import org.serpentry.api.RecoveryDecision;
import org.serpentry.spi.PoolListener.WorkerRef;

/**
 * A failure of a worker and what was decided about it.
 *
 * @param worker which worker
 * @param at when
 * @param failure in which way it failed
 * @param detail what was seen, in a few words
 * @param decision what is done
 */
public record RecoveryEvent(
    WorkerRef worker, Instant at, FailureKind failure, String detail, RecoveryDecision decision) {

  @Override
  public String toString() {
    return "%s: %s (%s) -> %s (%s)%s"
        .formatted(
            worker,
            failure,
            detail,
            decision.action(),
            decision.reason(),
            decision.delay().isZero() ? "" : " in " + decision.delay().toMillis() + " ms");
  }
}
