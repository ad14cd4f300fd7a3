// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.protocol.HeaderFields;
import org.serpentry.protocol.MalformedFrameException;
import org.serpentry.protocol.SegmentFields;
import org.serpentry.transport.OutgoingCall;

/** A call that was not sent after all leaves the shared memory as if there had been none. */
@Tag("core-pool")
@Tag("layer-1")
class UnsentCallTest {

  private static final int LARGE = 100_000;

  @TempDir private Path directory;
  private SharedMemory shared;
  private WorkerMemory memory;

  @BeforeEach
  void open() {
    shared =
        SharedMemory.open(
            "test", "run", directory, new SharedMemory.Settings(directory, 1 << 20, 1, ""));
    memory = shared.forWorker(1);
  }

  @AfterEach
  void close() {
    memory.close();
    assertThat(shared.used()).isZero();
  }

  private OutgoingCall call(long id, List<Object> arguments) {
    OutgoingCall plain =
        new OutgoingCall(
            id, 0, "m:f".getBytes(StandardCharsets.UTF_8), null, null, new byte[] {'[', ']'});
    return BinaryCall.of(
        plain, 10, BinaryArguments.of(arguments, Map.of()), BinaryResult.NONE, memory);
  }

  private Map<Integer, ByteBuffer> sent(long id) throws MalformedFrameException {
    return HeaderFields.read(call(id, List.of(new byte[LARGE])).fields());
  }

  /** One with so many arguments that they have no room in its header. */
  private void refused(long id) {
    List<Object> many = Collections.nCopies(5_000, new byte[20]);
    assertThatIllegalArgumentException().isThrownBy(() -> call(id, many));
  }

  @Test
  void aSegmentOfWhichTheWorkerHasNotHeardIsToldWithTheNextCall() throws Exception {
    refused(1);
    long used = shared.used();

    Map<Integer, ByteBuffer> fields = sent(2);

    assertThat(SegmentFields.segments(fields.get(HeaderFields.SEGMENTS))).hasSize(1);
    assertThat(used).as("the segment waits for the next call").isPositive();
  }

  @Test
  void aWorkersSegmentThatIsFreeAgainIsToldWithTheNextCall() throws Exception {
    memory.results().giveBack(7, false);
    refused(1);

    ByteBuffer room = sent(2).get(HeaderFields.RESULT_ROOM);

    assertThat(SegmentFields.released(room)).containsExactly(7);
  }

  @Test
  void callsThatAreRefusedTakeNoMemoryTogether() {
    refused(1);
    long used = shared.used();
    refused(2);
    refused(3);

    assertThat(shared.used()).isEqualTo(used);
  }
}
