// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing.junit;

/** What stands behind the pool of a test. */
public enum TestLayer {
  /**
   * The test mode says it ({@code TEST_MODE} or {@code serpentry.test-mode}), else the setting
   * {@code adapter}; without either it is {@link #FULL_INTEGRATION}.
   */
  CHOSEN(""),
  /** A script answers in this JVM: layer 1. */
  MOCK_ADAPTER("mock"),
  /** A real pool and the real protocol before scripted workers in this JVM: layer 2. */
  BRIDGE_MOCK("bridge-mock"),
  /** Real Python workers: layer 3. */
  FULL_INTEGRATION("python");

  private final String adapter;

  TestLayer(String adapter) {
    this.adapter = adapter;
  }

  /** The adapter's name; empty for {@link #CHOSEN}. */
  String adapter() {
    return adapter;
  }
}
