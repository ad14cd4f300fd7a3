// SPDX-License-Identifier: Apache-2.0

/**
 * Starts a server for trying things out ({@code mvn -Prun}) and makes the passwords of the
 * integration tests. Main type: {@link org.serpentry.run.RunServer}. Never part of the WAR.
 */
package org.serpentry.run;
