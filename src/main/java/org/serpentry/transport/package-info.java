// SPDX-License-Identifier: Apache-2.0

/**
 * Sockets, frame reading and writing, multiplexing. Main type: {@code FrameChannel}. Plain Java.
 */
package org.serpentry.transport;
