// SPDX-License-Identifier: Apache-2.0

/**
 * DSPy programs and their fallback cascade. Main type: {@code DspyPrograms}. A leaf: nobody imports
 * it.
 */
package org.serpentry.dspy;
