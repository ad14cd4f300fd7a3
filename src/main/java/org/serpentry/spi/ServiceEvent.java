// SPDX-License-Identifier: Apache-2.0
package org.serpentry.spi;

import org.serpentry.api.Service;

/**
 * Something else answers a pool's calls from now on.
 *
 * @param pool the pool
 * @param from what answered before
 * @param to what answers now; {@link Service#NONE} when nothing is left but to ask the pool again
 * @param reason why the one before could not, or empty on the way back up
 */
public record ServiceEvent(String pool, Service from, Service to, String reason) {}
