// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Settings of one pool for bytes and arrays: {@code serpentry.pool.<name>.<key>}. */
final class AttachmentSettings {
  private static final SettingList DECLARED = new SettingList("Bytes and arrays");

  static final Setting<Long> SHARED_MEMORY =
      DECLARED.declare(
          "shared-memory",
          ValueType.BYTES,
          "1GiB",
          "0 or 1MiB to 1TiB",
          value -> value == 0 || (value >= 1L << 20 && value <= 1L << 40),
          "Memory that the pool may share with its workers for large arguments and results, one half for each. Zero: none, they go by the socket.");

  static final Setting<Long> ATTACHMENT_THRESHOLD =
      DECLARED.declare(
          "attachment-threshold",
          ValueType.BYTES,
          "128KiB",
          "1 to 1GiB",
          value -> value >= 1 && value <= 1L << 30,
          "Size of a call's bytes and arrays together, and of a result, from which they pass through shared memory.");

  static final Setting<Optional<Path>> SHARED_MEMORY_DIRECTORY =
      DECLARED.declare(
          "shared-memory-directory",
          ValueType.PATH,
          "/dev/shm",
          "",
          value -> value.isPresent(),
          "Directory in which shared memory lies until both sides have mapped it; on a file system in memory.");

  private AttachmentSettings() {}

  /** In the order of the documentation. */
  static List<Setting<?>> all() {
    return DECLARED.all();
  }
}
