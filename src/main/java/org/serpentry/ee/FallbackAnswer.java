// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import org.eclipse.microprofile.faulttolerance.ExecutionContext;
import org.eclipse.microprofile.faulttolerance.FallbackHandler;

/** Gives the answer of the call's own fallback. Made by the server, stateless. */
public final class FallbackAnswer implements FallbackHandler<Object> {

  /** For the server. */
  public FallbackAnswer() {}

  @Override
  public Object handle(ExecutionContext context) {
    return ((GuardedCall) context.getParameters()[0]).answer(context.getFailure());
  }
}
