// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.BitSet;
import java.util.Set;

/**
 * The words of memory, mapped by the host and every worker, in which a worker stores the id of the
 * call that it begins. After the worker's death the host reads it: a request whose id is not there
 * certainly did not start. One cache line per worker.
 *
 * <p>{@link #begun} may be called by any thread; {@link #claim} and {@link #release} by the reactor
 * only.
 */
public final class BegunWords {

  private static final int LINE = 64;
  private static final long DONE = 1L << 63;
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final Path path;
  private final ByteBuffer memory;
  private final int lines;
  private final BitSet claimed = new BitSet();

  private BegunWords(Path path, ByteBuffer memory, int lines) {
    this.path = path;
    this.memory = memory;
    this.lines = lines;
  }

  /**
   * Makes the file and maps it.
   *
   * @param directory the run's private directory
   * @param lines how many workers can live at once
   * @return the words
   * @throws IOException when the file cannot be made
   */
  public static BegunWords create(Path directory, int lines) throws IOException {
    Path path = directory.resolve("words");
    try (FileChannel file =
        FileChannel.open(
            path,
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      MappedByteBuffer memory = file.map(FileChannel.MapMode.READ_WRITE, 0, (long) lines * LINE);
      return new BegunWords(path, memory, lines);
    }
  }

  /**
   * The file that workers map.
   *
   * @return its path
   */
  public Path path() {
    return path;
  }

  /**
   * Takes a free word and clears it.
   *
   * @return its offset in bytes
   */
  public int claim() {
    int line = claimed.nextClearBit(0);
    if (line >= lines) {
      throw new IllegalStateException("All " + lines + " words of begun calls are in use");
    }
    claimed.set(line);
    LONG.setVolatile(memory, line * LINE, 0L);
    return line * LINE;
  }

  /**
   * Gives a word back, once its worker has been reaped and the word has been read.
   *
   * @param offset the word's offset
   */
  public void release(int offset) {
    claimed.clear(offset / LINE);
  }

  /**
   * The request that the worker at this word began last.
   *
   * @param offset the word's offset
   * @return its id, or 0 when it has begun none
   */
  public long begun(int offset) {
    return (long) LONG.getVolatile(memory, offset) & ~DONE;
  }
}
