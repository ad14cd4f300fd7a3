// SPDX-License-Identifier: Apache-2.0
package org.serpentry.adapter;

/**
 * What an adapter can do.
 *
 * @param layer the test layer that it is made for: 1 without, 2 with the protocol, 3 with Python
 * @param python whether it runs the application's Python
 * @param protocol whether calls cross the wire protocol and its transport
 * @param scripted whether a script answers, injects failures and remembers the calls
 * @param attachments whether bytes and arrays pass beside the JSON
 * @param memory whether arrays pass through shared memory
 */
public record AdapterCapabilities(
    int layer,
    boolean python,
    boolean protocol,
    boolean scripted,
    boolean attachments,
    boolean memory) {

  /**
   * Whether it serves tests of a layer.
   *
   * @param wanted 1 to 3
   * @return whether it is the layer that it is made for
   */
  public boolean supports(int wanted) {
    return layer == wanted;
  }
}
