// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.util.Map;

/**
 * The part of a pool's checked settings that is about bytes and arrays outside the JSON. Immutable
 * and safe for use by any thread; {@link PoolConfig#attachments()} gives it.
 */
public final class AttachmentConfig {
  private final Map<Setting<?>, Object> values;

  AttachmentConfig(Map<Setting<?>, Object> values) {
    this.values = values;
  }

  /**
   * Memory that the pool may share with its workers for large arguments and results, one half for
   * each. Zero: none, they go by the socket. Default: {@code 1GiB}; range: 0 or 1MiB to 1TiB.
   */
  public long sharedMemory() {
    return AttachmentSettings.SHARED_MEMORY.in(values);
  }

  /**
   * Size of a call's bytes and arrays together, and of a result, from which they pass through
   * shared memory. Default: {@code 128KiB}; range: 1 to 1GiB.
   */
  public long attachmentThreshold() {
    return AttachmentSettings.ATTACHMENT_THRESHOLD.in(values);
  }

  /**
   * Directory in which shared memory lies until both sides have mapped it; on a file system in
   * memory. Default: {@code /dev/shm}.
   */
  public Path sharedMemoryDirectory() {
    return AttachmentSettings.SHARED_MEMORY_DIRECTORY.in(values).orElseThrow();
  }
}
