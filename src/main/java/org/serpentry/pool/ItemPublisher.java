// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Flow;

/**
 * Publishes the items of a function: each subscription is a call of its own, begun by the first
 * request for items. Immutable.
 *
 * @param path the way of the calls
 * @param request the call
 * @param type the items' type
 * @param idle the longest wait for an item, or null for the pool's
 * @param <T> the same
 */
record ItemPublisher<T>(CallPath path, CallRequest request, Type type, Duration idle)
    implements Flow.Publisher<T> {

  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    ItemSubscription<T> subscription = new ItemSubscription<>(this, subscriber);
    subscriber.onSubscribe(subscription);
  }
}
