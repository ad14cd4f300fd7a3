// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee.guard;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;

/**
 * Copies a class file under another name and with other constants, by its constant pool (JVM
 * specification, section 4.4): everything else in a class file refers to that pool by index.
 */
final class ClassFile {

  private static final int UTF8 = 1;
  private static final int INTEGER = 3;
  private static final int LONG = 5;
  private static final int DOUBLE = 6;

  private ClassFile() {}

  /**
   * Copies.
   *
   * @param original the class file
   * @param texts what to put in the place of text constants, type names and descriptors
   * @param numbers what to put in the place of {@code Integer} and {@code Long} constants
   * @return the copy
   * @throws IOException when it is no class file
   */
  static byte[] copy(byte[] original, Map<String, String> texts, Map<Number, Number> numbers)
      throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(original));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(original.length + 64);
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(in.readLong()); // magic and version
    int count = in.readUnsignedShort();
    out.writeShort(count);
    for (int index = 1; index < count; index++) {
      int tag = in.readUnsignedByte();
      out.writeByte(tag);
      switch (tag) {
        case UTF8 -> {
          String text = in.readUTF();
          out.writeUTF(texts.getOrDefault(text, text));
        }
        case INTEGER -> {
          int value = in.readInt();
          out.writeInt(numbers.getOrDefault(value, value).intValue());
        }
        case LONG -> {
          long value = in.readLong();
          out.writeLong(numbers.getOrDefault(value, value).longValue());
          index++; // these take two places
        }
        case DOUBLE -> {
          out.writeLong(in.readLong());
          index++;
        }
        default -> out.write(in.readNBytes(size(tag)));
      }
    }
    out.write(in.readAllBytes());
    return bytes.toByteArray();
  }

  private static int size(int tag) throws IOException {
    return switch (tag) {
      case 4, 9, 10, 11, 12, 17, 18 -> 4;
      case 7, 8, 16, 19, 20 -> 2;
      case 15 -> 3;
      default -> throw new IOException("There is no constant with tag " + tag);
    };
  }
}
