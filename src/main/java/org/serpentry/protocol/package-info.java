// SPDX-License-Identifier: Apache-2.0

/**
 * Frames, handshake and limits, mirroring the top-level {@code protocol/}. Main type: {@code
 * Frame}. Plain Java.
 */
package org.serpentry.protocol;
