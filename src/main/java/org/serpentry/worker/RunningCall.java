// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

/**
 * The call that a worker is leased for.
 *
 * @param id its request id
 * @param target its function
 * @param since the {@code nanoTime} at which the lease began
 */
public record RunningCall(long id, String target, long since) {}
