// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Sets what {@link AttachmentConfig} holds, as a part of a {@link PoolConfigBuilder}. For one
 * thread. The meaning of each setting stands at the accessor of {@link AttachmentConfig}.
 */
public final class AttachmentConfigBuilder {
  private final PoolConfigBuilder pool;

  AttachmentConfigBuilder(PoolConfigBuilder pool) {
    this.pool = pool;
  }

  private <T> AttachmentConfigBuilder set(Setting<T> setting, T value) {
    pool.set(setting, value);
    return this;
  }

  /** Sets {@link AttachmentConfig#sharedMemory()}. */
  public AttachmentConfigBuilder sharedMemory(long value) {
    return set(AttachmentSettings.SHARED_MEMORY, value);
  }

  /** Sets {@link AttachmentConfig#attachmentThreshold()}. */
  public AttachmentConfigBuilder attachmentThreshold(long value) {
    return set(AttachmentSettings.ATTACHMENT_THRESHOLD, value);
  }

  /** Sets {@link AttachmentConfig#sharedMemoryDirectory()}. */
  public AttachmentConfigBuilder sharedMemoryDirectory(Path value) {
    return set(AttachmentSettings.SHARED_MEMORY_DIRECTORY, Optional.of(value));
  }
}
