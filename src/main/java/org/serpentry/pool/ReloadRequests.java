// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.concurrent.CompletableFuture;

/**
 * Who waits for a code reload: one request is carried out, and those that come meanwhile are one
 * more. Everything runs on the reactor except {@link #add}.
 */
final class ReloadRequests {

  /** What is asked for. */
  enum Kind {
    /** The code as it lies there now. */
    ANEW,
    /** The same, if it is not what runs: what the watch asks for. */
    IF_CHANGED,
    /** The code that runs, with the settings as they are now. */
    AS_IT_IS,
    /** The code before the last reload. */
    BACK
  }

  /** One that waits. */
  static final class Request extends CompletableFuture<CodeReload> {
    private final Kind kind;

    Request(Kind kind) {
      this.kind = kind;
    }

    Kind kind() {
      return kind;
    }
  }

  private final PoolContext context;
  private final CodeReloads reloads;
  private final Failures failures;
  private boolean busy;
  private boolean closed;
  private Request queued;

  ReloadRequests(PoolContext context, CodeReloads reloads, Failures failures) {
    this.context = context;
    this.reloads = reloads;
    this.failures = failures;
  }

  CompletableFuture<CodeReload> add(Request request) {
    context.reactor().execute(() -> accept(request));
    if (context.reactor().ended()) {
      request.completeExceptionally(failures.closed());
    }
    return request;
  }

  private void accept(Request request) {
    if (closed) {
      request.completeExceptionally(failures.closed());
    } else if (!busy) {
      busy = true;
      reloads.start(request);
    } else if (request.kind() == Kind.BACK) { // From where, is not known before the other's end.
      request.completeExceptionally(
          new IllegalStateException("Code is being loaded; go back when that has ended"));
    } else if (queued == null) {
      queued = request;
    } else if (queued.kind() == request.kind() || queued.kind() == Kind.ANEW) {
      follow(queued, request);
    } else { // New code with the settings of now does for any two.
      Request both = new Request(Kind.ANEW);
      follow(both, queued);
      follow(both, request);
      queued = both;
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nothing is derived from it
  private static void follow(Request first, Request second) {
    first.whenComplete(
        (value, failure) -> {
          if (failure == null) {
            second.complete(value);
          } else {
            second.completeExceptionally(failure);
          }
        });
  }

  /** The one that was carried out has ended. */
  void next() {
    Request request = queued;
    queued = null;
    busy = request != null;
    if (request != null) {
      reloads.start(request);
    }
  }

  /** Ends the one that is carried out, null when there is none, and the one that waits. */
  void close(Request running) {
    closed = true;
    if (running != null) {
      running.completeExceptionally(failures.closed());
    }
    if (queued != null) {
      queued.completeExceptionally(failures.closed());
    }
  }
}
