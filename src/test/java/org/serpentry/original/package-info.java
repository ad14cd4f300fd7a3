// SPDX-License-Identifier: Apache-2.0

/**
 * The acceptance scenarios of the pool that this one re-creates. Main type: {@link
 * org.serpentry.original.OriginalAcceptance}.
 */
package org.serpentry.original;
