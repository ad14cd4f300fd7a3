// SPDX-License-Identifier: Apache-2.0

/**
 * What becomes of Python when a server is stopped, killed or redeployed: tests that start servers
 * of their own, as child processes. Main type: {@code ServerProcess}.
 */
package org.serpentry.it.life;
