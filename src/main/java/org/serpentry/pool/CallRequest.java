// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.serpentry.api.PythonPoolException;

/**
 * Everything about one call but its result. Immutable.
 *
 * @param target {@code module:function}
 * @param targetBytes the same in UTF-8, encoded once
 * @param positional arguments by position
 * @param named arguments by name, in their order
 * @param type the result's type; {@code Void.class} drops the result
 * @param timeout the operation timeout, or null for the pool's
 * @param checkoutTimeout the checkout timeout, or null for the pool's
 * @param retries how often to try again, or -1 for the pool's number
 * @param idempotent whether running it twice does no harm
 * @param session the session's id, or null
 * @param traceparent the W3C trace context, or null
 * @param fallback answers in place of a failed call, or null
 */
@SuppressWarnings("ArrayRecordComponent") // the bytes belong to the text beside them
public record CallRequest(
    String target,
    byte[] targetBytes,
    List<Object> positional,
    Map<String, Object> named,
    Type type,
    Duration timeout,
    Duration checkoutTimeout,
    int retries,
    boolean idempotent,
    String session,
    String traceparent,
    Function<? super PythonPoolException, ?> fallback) {

  /** A call of the pool's own: no arguments, no result, one attempt. */
  static CallRequest probe(String target, Duration timeout) {
    return new CallRequest(
        target,
        target.getBytes(StandardCharsets.UTF_8),
        List.of(),
        Map.of(),
        Void.class,
        timeout,
        null,
        0,
        false,
        null,
        null,
        null);
  }
}
