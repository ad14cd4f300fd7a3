// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import org.serpentry.api.ErrorContext;
import org.serpentry.api.SessionLostException;
import org.serpentry.protocol.Frame;
import org.serpentry.worker.Worker;

/** The way of a call that the pool itself makes, to one worker and to no other. */
record Errand(Worker worker, long since) implements Route {

  @Override
  public String id() {
    return null;
  }

  @Override
  public Worker poll(Checkout checkout) {
    if (worker.exit().isDone() || worker.retiring()) {
      throw new SessionLostException(ErrorContext.ofPool("errand"));
    }
    return checkout.poll(worker, true);
  }

  @Override
  public Worker wanted() {
    return worker;
  }

  @Override
  public long spent(long now) {
    return 0;
  }

  @Override
  public int extraBytes() {
    return 0;
  }

  @Override
  public void assigned(Worker assigned) {}

  @Override
  public byte[] field() {
    return new byte[0];
  }

  @Override
  public byte[] state() {
    return null;
  }

  @Override
  public void take(Worker answering, Frame reply) {}

  @Override
  public int taken(CallRequest request, Worker answering, Frame reply) {
    return reply.payload().length;
  }

  @Override
  public void over() {}
}
