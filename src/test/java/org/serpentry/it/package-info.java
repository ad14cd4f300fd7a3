// SPDX-License-Identifier: Apache-2.0

/**
 * Tests inside and against a running server, each run on WildFly and on Payara Micro. Main type:
 * {@link org.serpentry.it.ServerUnderTest}, which says where the server is.
 */
package org.serpentry.it;
