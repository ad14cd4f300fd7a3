// SPDX-License-Identifier: Apache-2.0

/**
 * What the README shows, compiled. Main type: {@link org.serpentry.readme.DigitReader}; {@link
 * org.serpentry.readme.ReadmeTest} holds the README to it.
 */
package org.serpentry.readme;
