// SPDX-License-Identifier: Apache-2.0
/**
 * What answers while a pool cannot: the pool, then a single worker, then a mock, each step as far
 * as it is configured, and the way back up. The main type is {@link
 * org.serpentry.fallback.Cascade}.
 */
package org.serpentry.fallback;
