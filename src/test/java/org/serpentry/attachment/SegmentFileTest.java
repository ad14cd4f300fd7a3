// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may look into a segment for as long as it has a name. */
@Tag("layer-1")
class SegmentFileTest {

  @Test
  void belongsToItsUserAlone(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("segment");

    assertThat(SegmentFile.create(file, 4096, "").capacity()).isEqualTo(4096);

    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void isNeverAFileThatSomebodyPutThereBefore(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("segment"), "trap");

    assertThatThrownBy(() -> SegmentFile.create(file, 4096, ""))
        .isInstanceOf(FileAlreadyExistsException.class);
  }
}
