// SPDX-License-Identifier: Apache-2.0

/**
 * The JSON-B codec behind {@code spi.Codec}. Main type: {@code JsonbCodec}. The one core room that
 * imports {@code jakarta.json*}.
 */
package org.serpentry.codec;
