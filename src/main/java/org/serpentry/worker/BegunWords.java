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
 * certainly did not start. Whole cache lines per worker: one word when it runs one call at a time,
 * else two for each of its places, since a word is in use until its call's reply has been written.
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
  private final int workers;
  private final int places;
  private final BitSet claimed = new BitSet();

  private BegunWords(Path path, ByteBuffer memory, int workers, int places) {
    this.path = path;
    this.memory = memory;
    this.workers = workers;
    this.places = places;
  }

  /**
   * Makes the file and maps it.
   *
   * @param directory the run's private directory
   * @param workers how many workers can live at once
   * @param places how many calls each can run at once at most; what is not used costs addresses
   *     only
   * @return the words
   * @throws IOException when the file cannot be made
   */
  public static BegunWords create(Path directory, int workers, int places) throws IOException {
    Path path = directory.resolve("words");
    try (FileChannel file =
        FileChannel.open(
            path,
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      long size = (long) workers * stride(places);
      MappedByteBuffer memory = file.map(FileChannel.MapMode.READ_WRITE, 0, size);
      return new BegunWords(path, memory, workers, places);
    }
  }

  private static int words(int places) {
    return places == 1 ? 1 : 2 * places;
  }

  private static int stride(int places) {
    return (words(places) * Long.BYTES + LINE - 1) / LINE * LINE;
  }

  /**
   * How many calls a worker can run at once at most.
   *
   * @return the number
   */
  public int places() {
    return places;
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
   * Takes the free words of a worker and clears them.
   *
   * @return the first one's offset in bytes
   */
  public int claim() {
    int free = claimed.nextClearBit(0);
    if (free >= workers) {
      throw new IllegalStateException(
          "The words of begun calls of all " + workers + " workers are in use");
    }
    claimed.set(free);
    int offset = free * stride(places);
    for (int word = 0; word < words(places); word++) {
      LONG.setVolatile(memory, offset + word * Long.BYTES, 0L);
    }
    return offset;
  }

  /**
   * Gives a worker's words back, once it has been reaped and they have been read.
   *
   * @param offset the first one's offset
   */
  public void release(int offset) {
    claimed.clear(offset / stride(places));
  }

  /**
   * The requests that the worker at these words began last.
   *
   * @param offset the first word's offset
   * @return their ids, with 0 for each word that is unused as yet
   */
  public long[] begun(int offset) {
    long[] begun = new long[words(places)];
    for (int word = 0; word < begun.length; word++) {
      begun[word] = (long) LONG.getVolatile(memory, offset + word * Long.BYTES) & ~DONE;
    }
    return begun;
  }
}
