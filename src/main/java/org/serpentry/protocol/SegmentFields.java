// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The values of the header fields about shared memory and frames, tags 8 to 12. Stateless. */
public final class SegmentFields {

  private static final int NO_POSITION = 0xffff;

  /**
   * A segment that its maker tells of.
   *
   * @param number by which its maker knows it
   * @param size in bytes
   * @param name of its file
   */
  public record Announced(int number, long size, String name) {}

  /**
   * What has become of the host's segments.
   *
   * @param kept such as Python still looks at
   * @param gone such as the worker has unmapped
   */
  public record Kept(List<Integer> kept, List<Integer> gone) {}

  /**
   * A parameter that takes frames.
   *
   * @param position its place, or -1 when it is given by name only
   * @param name its name
   */
  public record Parameter(int position, String name) {}

  private SegmentFields() {}

  /**
   * The value of {@link HeaderFields#RESULT_ROOM}.
   *
   * @param forms which results may come outside the JSON, and what the reply is to tell
   * @param grant bytes that the worker's segments may have together
   * @param released segments of the worker's that are free again
   * @return the value
   */
  public static byte[] room(int forms, long grant, List<Integer> released) {
    ByteBuffer out = ByteBuffer.allocate(1 + Long.BYTES + released.size() * Integer.BYTES);
    out.put((byte) forms).putLong(grant);
    released.forEach(out::putInt);
    return out.array();
  }

  /**
   * Reads the segments in the value of {@link HeaderFields#RESULT_ROOM}.
   *
   * @param in the value
   * @return segments of the worker's that are free again
   * @throws MalformedFrameException when it is cut short
   */
  public static List<Integer> released(ByteBuffer in) throws MalformedFrameException {
    if (in.remaining() < 1 + Long.BYTES) {
      throw new MalformedFrameException("the field of the result's room is cut short");
    }
    return numbers(in.position(in.position() + 1 + Long.BYTES));
  }

  /**
   * The value of {@link HeaderFields#DROPPED}.
   *
   * @param numbers of segments
   * @return the value
   */
  public static byte[] numbers(List<Integer> numbers) {
    ByteBuffer out = ByteBuffer.allocate(numbers.size() * Integer.BYTES);
    numbers.forEach(out::putInt);
    return out.array();
  }

  /**
   * Reads the value of {@link HeaderFields#DROPPED}.
   *
   * @param in the value
   * @return numbers of segments
   * @throws MalformedFrameException when it is cut short
   */
  public static List<Integer> numbers(ByteBuffer in) throws MalformedFrameException {
    List<Integer> numbers = new ArrayList<>();
    try {
      while (in.hasRemaining()) {
        numbers.add(in.getInt());
      }
    } catch (BufferUnderflowException e) {
      throw new MalformedFrameException("a field of segments' numbers is cut short");
    }
    return numbers;
  }

  /**
   * The value of {@link HeaderFields#SEGMENTS}.
   *
   * @param segments the sender's
   * @return the value
   */
  public static byte[] segments(List<Announced> segments) {
    int length = 0;
    List<byte[]> names = new ArrayList<>();
    for (Announced segment : segments) {
      names.add(segment.name().getBytes(StandardCharsets.UTF_8));
      length += Integer.BYTES + Long.BYTES + Short.BYTES + names.get(names.size() - 1).length;
    }
    ByteBuffer out = ByteBuffer.allocate(length);
    for (int i = 0; i < segments.size(); i++) {
      byte[] name = names.get(i);
      out.putInt(segments.get(i).number()).putLong(segments.get(i).size());
      out.putShort((short) name.length).put(name);
    }
    return out.array();
  }

  /**
   * Reads the value of {@link HeaderFields#SEGMENTS}.
   *
   * @param in the value
   * @return the sender's segments
   * @throws MalformedFrameException when it is cut short
   */
  public static List<Announced> segments(ByteBuffer in) throws MalformedFrameException {
    List<Announced> segments = new ArrayList<>();
    try {
      while (in.hasRemaining()) {
        segments.add(new Announced(in.getInt(), in.getLong(), text(in)));
      }
    } catch (BufferUnderflowException e) {
      throw new MalformedFrameException("the field of segments is cut short");
    }
    return segments;
  }

  /**
   * Reads the value of {@link HeaderFields#KEPT}.
   *
   * @param in the value
   * @return what it says
   * @throws MalformedFrameException when it is cut short
   */
  public static Kept kept(ByteBuffer in) throws MalformedFrameException {
    try {
      int count = in.getShort() & 0xffff;
      List<Integer> numbers = numbers(in);
      if (count > numbers.size()) {
        throw new MalformedFrameException("the field of kept segments is cut short");
      }
      return new Kept(
          List.copyOf(numbers.subList(0, count)),
          List.copyOf(numbers.subList(count, numbers.size())));
    } catch (BufferUnderflowException e) {
      throw new MalformedFrameException("the field of kept segments is cut short");
    }
  }

  /**
   * Reads the value of {@link HeaderFields#FRAMES}.
   *
   * @param in the value
   * @return the parameters that take frames
   * @throws MalformedFrameException when it is cut short
   */
  public static List<Parameter> frames(ByteBuffer in) throws MalformedFrameException {
    List<Parameter> parameters = new ArrayList<>();
    try {
      while (in.hasRemaining()) {
        int position = in.getShort() & 0xffff;
        parameters.add(new Parameter(position == NO_POSITION ? -1 : position, text(in)));
      }
    } catch (BufferUnderflowException e) {
      throw new MalformedFrameException("the field of frames is cut short");
    }
    return parameters;
  }

  private static String text(ByteBuffer in) {
    byte[] utf8 = new byte[in.getShort() & 0xffff];
    in.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
