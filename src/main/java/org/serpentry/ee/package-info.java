// SPDX-License-Identifier: Apache-2.0

/**
 * The Jakarta EE shell: singleton EJB, producers, CDI extension, MicroProfile adapters. Main type:
 * {@code PythonPools}.
 */
package org.serpentry.ee;
