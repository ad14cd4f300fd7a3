// SPDX-License-Identifier: Apache-2.0

/**
 * DSPy programs as beans: definitions and the language model are kept here, on the host, and any
 * worker of the pool runs them. Main type: {@link org.serpentry.dspy.DspyPrograms}. A leaf: nobody
 * imports it.
 */
package org.serpentry.dspy;
