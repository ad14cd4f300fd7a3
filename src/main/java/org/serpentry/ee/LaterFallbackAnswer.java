// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import jakarta.enterprise.context.Dependent;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.faulttolerance.ExecutionContext;
import org.eclipse.microprofile.faulttolerance.FallbackHandler;

/** As {@link FallbackAnswer}, for asynchronous calls. */
@Dependent
public class LaterFallbackAnswer implements FallbackHandler<CompletionStage<Object>> {

  /** For the server. */
  public LaterFallbackAnswer() {}

  @Override
  public CompletionStage<Object> handle(ExecutionContext context) {
    GuardedCall call = (GuardedCall) context.getParameters()[0];
    try {
      return CompletableFuture.completedFuture(call.answer(context.getFailure()));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
