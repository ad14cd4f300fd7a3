// SPDX-License-Identifier: Apache-2.0

/**
 * The JAX-RS resource. Main type: {@code FunctionsResource}. A leaf, in the WAR but not in the
 * classes jar.
 */
package org.serpentry.rest;
