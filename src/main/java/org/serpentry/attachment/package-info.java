// SPDX-License-Identifier: Apache-2.0

/**
 * Binary arguments and results outside the JSON: what of a call they are, where they lie, and the
 * memory that a pool shares with its workers for large ones. Main type: {@link
 * org.serpentry.attachment.BinaryArguments}. Plain Java.
 */
package org.serpentry.attachment;
