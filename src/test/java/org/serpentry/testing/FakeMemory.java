// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.serpentry.attachment.BinaryValue;
import org.serpentry.protocol.Attachment;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.HeaderFields;
import org.serpentry.protocol.MalformedFrameException;
import org.serpentry.protocol.SegmentFields;

/**
 * The segments with arguments that a worker of the bridge mock has met. Results never lie in
 * segments: a worker may always put them into the frame. For the thread that reads calls.
 */
final class FakeMemory {

  private final Path directory;
  private final Map<Integer, ByteBuffer> met = new HashMap<>();

  /** Knows what the host said in its WELCOME. */
  FakeMemory(Map<String, Object> welcome) {
    Object shared = welcome.get("sharedMemory");
    Object place = shared instanceof Map<?, ?> members ? members.get("directory") : null;
    this.directory = place == null ? null : Path.of(place.toString());
  }

  /** Hears what a call's header tells of segments. */
  void learn(Map<Integer, ByteBuffer> fields) throws MalformedFrameException, IOException {
    ByteBuffer dropped = fields.get(HeaderFields.DROPPED);
    if (dropped != null) {
      SegmentFields.numbers(dropped).forEach(met::remove);
    }
    ByteBuffer announced = fields.get(HeaderFields.SEGMENTS);
    if (announced != null) {
      for (SegmentFields.Announced segment : SegmentFields.segments(announced)) {
        met.put(segment.number(), open(segment));
      }
    }
  }

  private ByteBuffer open(SegmentFields.Announced segment) throws IOException {
    Path file = directory.resolve(segment.name());
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, segment.size());
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** A copy of an argument, so that the segment is free again with the reply. */
  BinaryValue argument(Attachment entry, Frame frame) throws MalformedFrameException {
    ByteBuffer from;
    long start;
    if (entry.segment() == Attachment.IN_FRAME) {
      from = ByteBuffer.wrap(frame.payload());
      start = entry.offset() - Frame.PREFIX - frame.header().length;
    } else {
      from = met.get(entry.segment());
      start = entry.offset();
    }
    if (from == null || start < 0 || start > from.capacity() - entry.length()) {
      throw new MalformedFrameException(entry + " lies nowhere");
    }
    byte[] copy = new byte[(int) entry.length()];
    from.get((int) start, copy);
    return new BinaryValue(entry, ByteBuffer.wrap(copy));
  }
}
