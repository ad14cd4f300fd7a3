// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.nio.MappedByteBuffer;

/** A segment that the host has made. Guarded by its {@link WorkerMemory}'s lock. */
final class Segment {

  private final int number;
  private final String name;
  private final long size;
  private MappedByteBuffer memory;
  private boolean announced;
  private boolean filling;
  private boolean doomed;

  Segment(int number, String name, long size, MappedByteBuffer memory) {
    this.number = number;
    this.name = name;
    this.size = size;
    this.memory = memory;
  }

  int number() {
    return number;
  }

  String name() {
    return name;
  }

  long size() {
    return size;
  }

  MappedByteBuffer memory() {
    return memory;
  }

  /** Whether the worker has not been told of it; it is from now on. */
  boolean announce() {
    boolean first = !announced;
    announced = true;
    return first;
  }

  /** The worker has not been told of it after all. */
  void unannounced() {
    announced = false;
  }

  /** A thread copies into it, without the lock: it must not be unmapped meanwhile. */
  void fill(boolean now) {
    filling = now;
    if (!now && doomed) {
      unmap();
    }
  }

  /** Unmaps it, as soon as nobody copies into it. */
  void unmap() {
    doomed = true;
    if (!filling && memory != null) {
      Unmapping.unmap(memory);
      memory = null;
    }
  }
}
