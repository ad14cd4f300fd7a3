// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import java.time.Instant;

/**
 * A call that a script has answered.
 *
 * @param number counted from 1 since the script was made or reset
 * @param call the call, with its session's state as it was before
 * @param reply how it was answered
 * @param time when it came
 */
public record MockExecution(long number, MockCall call, MockReply reply, Instant time) {}
