// SPDX-License-Identifier: Apache-2.0

/**
 * Starts a server for trying things out ({@code mvn -Prun}) and for the integration tests. Main
 * type: {@link org.serpentry.run.JmxAccess}. Never part of the WAR.
 */
package org.serpentry.run;
