// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import jakarta.enterprise.context.Dependent;
import org.eclipse.microprofile.faulttolerance.ExecutionContext;
import org.eclipse.microprofile.faulttolerance.FallbackHandler;

/** Gives the answer of the call's own fallback. Made by the server, stateless. */
@Dependent
public class FallbackAnswer implements FallbackHandler<Object> {

  /** For the server. */
  public FallbackAnswer() {}

  @Override
  public Object handle(ExecutionContext context) {
    return ((GuardedCall) context.getParameters()[0]).answer(context.getFailure());
  }
}
