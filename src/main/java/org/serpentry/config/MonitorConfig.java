// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

/**
 * What the application shows of its pools over HTTP. Immutable.
 *
 * @param statusPage whether there is a status page
 * @param metrics whether there are metrics for Prometheus
 * @param role that who looks must have; not blank
 */
public record MonitorConfig(boolean statusPage, boolean metrics, String role) {}
