// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

/** A session that a request names. */
record SessionKey(String id) implements CallSession {}
