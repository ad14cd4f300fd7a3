// SPDX-License-Identifier: Apache-2.0

/**
 * Python functions over HTTP, off unless {@code serpentry.rest.enabled}. Main type: {@link
 * org.serpentry.rest.FunctionsResource}; {@link org.serpentry.rest.Admission} decides who may come
 * in, {@link org.serpentry.rest.Problem} lists what may go wrong. Beside it the status page ({@link
 * org.serpentry.rest.StatusResource}) and the metrics ({@link org.serpentry.rest.MetricsResource}).
 * A leaf, in the WAR but not in the classes jar.
 */
package org.serpentry.rest;
