// SPDX-License-Identifier: Apache-2.0

/** What an extender implements: {@code PoolListener}, {@code WorkerLauncher}, {@code Codec}. */
package org.serpentry.spi;
