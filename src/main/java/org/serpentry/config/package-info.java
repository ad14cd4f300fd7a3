// SPDX-License-Identifier: Apache-2.0

/** Pool settings, the key catalogue and validation. Main type: {@code PoolConfig}. Plain Java. */
package org.serpentry.config;
