// SPDX-License-Identifier: Apache-2.0
/**
 * Settings: what may be configured, how it is read and checked.
 *
 * <p>The one main type is {@link org.serpentry.config.PoolConfig}, the checked settings of one
 * pool. {@link org.serpentry.config.KeyCatalogue} lists every key once; the reader, the
 * documentation and the annotated file are all made from it. Plain Java: no server is needed.
 */
package org.serpentry.config;
