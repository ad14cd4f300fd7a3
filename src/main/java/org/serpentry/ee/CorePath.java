// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.serpentry.pool.CallPath;
import org.serpentry.pool.CallRequest;
import org.serpentry.pool.WorkerPool;

/** The way of a call straight to the core, which then retries itself. */
final class CorePath implements CallPath {

  private final WorkerPool core;
  private final CallerContexts contexts;

  CorePath(WorkerPool core, CallerContexts contexts) {
    this.core = core;
    this.contexts = contexts;
  }

  @Override
  public String name() {
    return core.name();
  }

  @Override
  public Executor deliveries() {
    return contexts.capture();
  }

  @Override
  public Object call(CallRequest request) {
    return core.call(request);
  }

  @Override
  public CompletableFuture<Object> callAsync(CallRequest request) {
    return core.callAsync(request, contexts.capture());
  }
}
