// SPDX-License-Identifier: Apache-2.0
package org.serpentry.transport;

import org.serpentry.protocol.CallHeader;

/**
 * A call ready to be sent.
 *
 * @param id its request id
 * @param flags the frame's flags
 * @param target its target in UTF-8
 * @param session the session's id in UTF-8, or null
 * @param traceparent the W3C trace context in UTF-8, or null
 * @param payload its encoded arguments
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of bytes on the call path, never compared
public record OutgoingCall(
    long id, int flags, byte[] target, byte[] session, byte[] traceparent, byte[] payload) {

  int headerLength() {
    return CallHeader.length(target, session, traceparent);
  }
}
