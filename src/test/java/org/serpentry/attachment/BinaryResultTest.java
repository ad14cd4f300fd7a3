// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.NdArray;
import org.serpentry.protocol.Attachment;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.protocol.HeaderFields;
import org.serpentry.protocol.MalformedFrameException;

/** Results whose description does not fit their bytes, which no worker of ours would send. */
@Tag("core-pool")
@Tag("layer-1")
class BinaryResultTest {

  private static final int FLOAT32 = 11;

  @TempDir private Path directory;

  private static Attachment array(
      int type, boolean foreign, long offset, long length, int... axes) {
    return new Attachment(
        Attachment.ARRAY, type, foreign, axes, 0, "", Attachment.IN_FRAME, offset, length);
  }

  private static Object read(Class<?> type, Attachment entry, int size) {
    return BinaryResult.read(type, entry, Lent.owned(entry, ByteBuffer.allocate(size)));
  }

  private static Lent reply(Attachment entry, int payload) throws MalformedFrameException {
    HeaderFields fields = new HeaderFields();
    fields.put(HeaderFields.ATTACHMENTS, Attachment.field(4, List.of(entry)));
    return BinaryReply.of(
        new Frame(FrameKind.RESULT, 0, 1, fields.toByteArray(), new byte[payload]));
  }

  @Test
  void elementsInTheOtherByteOrderAreRefused() {
    for (Class<?> type : List.of(float[].class, NdArray.class, byte[].class)) {
      assertThatExceptionOfType(MismatchException.class)
          .isThrownBy(() -> read(type, array(FLOAT32, true, 0, 8, 2), 8))
          .withMessageContaining("byte order");
    }
  }

  @Test
  void aShapeThatDoesNotMakeTheLengthIsRefused() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> read(NdArray.class, array(FLOAT32, false, 0, 8, 3), 8))
        .withMessageContainingAll("3", "2");
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> read(float[].class, array(FLOAT32, false, 0, 8, 3), 8));
  }

  @Test
  void aTypeThatNobodyKnowsIsRefused() {
    assertThatExceptionOfType(RuntimeException.class)
        .isThrownBy(() -> read(NdArray.class, array(99, false, 0, 8, 2), 8))
        .withMessageContaining("99");
  }

  @Test
  void whatDoesNotLieInItsFrameIsRefused() throws MalformedFrameException {
    int header = 3 + 4 + 28 + 8;
    long first = Attachment.aligned(Frame.PREFIX + header + 4);
    int payload = (int) (first - Frame.PREFIX - header) + 8;
    assertThat(reply(array(FLOAT32, false, first, 8, 2), payload).bytes().remaining()).isEqualTo(8);
    for (long offset : List.of(0L, first + 8, Long.MAX_VALUE - 7)) {
      assertThatExceptionOfType(MalformedFrameException.class)
          .isThrownBy(() -> reply(array(FLOAT32, false, offset, 8, 2), payload));
    }
    assertThatExceptionOfType(MalformedFrameException.class)
        .isThrownBy(() -> reply(array(FLOAT32, false, first, 16, 4), payload));
  }

  @Test
  void aSegmentThatCannotBeMadeWholeLeavesNoFile() throws Exception {
    Path file = directory.resolve("serpentry-x");
    assertThatExceptionOfType(UserPrincipalNotFoundException.class)
        .isThrownBy(() -> SegmentFile.create(file, 1 << 20, "no-such-user-of-these-tests"));
    assertThat(Files.exists(file)).isFalse();
  }
}
