// SPDX-License-Identifier: Apache-2.0

/**
 * What users would pick in place of this, measured side by side by {@code mvn -Pbench verify
 * -Dbench.peers}. Main type: {@link org.serpentry.bench.peers.Peer}.
 */
package org.serpentry.bench.peers;
