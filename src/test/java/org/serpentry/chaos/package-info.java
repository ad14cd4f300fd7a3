// SPDX-License-Identifier: Apache-2.0
/**
 * A pool under load and under attack, by {@code mvn -Pchaos verify -Dchaos.seconds=60}, and a pool
 * under load alone for long, by {@code mvn -Psoak verify -Dsoak.calls=1000000}. Its main type is
 * {@link org.serpentry.chaos.ChaosTest}.
 */
package org.serpentry.chaos;
