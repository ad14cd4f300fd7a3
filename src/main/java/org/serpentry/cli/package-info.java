// SPDX-License-Identifier: Apache-2.0
/**
 * The command line over JMX, {@code deploy/serpentry-jmx}: {@link org.serpentry.cli.JmxClient}. It
 * needs nothing but a JDK and what the server's JMX address needs.
 */
package org.serpentry.cli;
