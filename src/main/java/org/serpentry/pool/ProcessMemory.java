// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads the resident memory of processes from {@code /proc/<pid>/statm}, which costs some
 * microseconds; the proportional share of {@code smaps_rollup} costs thirty times as much, since
 * the kernel walks every page for it. Pages that a worker shares with its template count in full.
 * Immutable.
 */
final class ProcessMemory {

  private static final long PAGE_SIZE_ENTRY = 6; // AT_PAGESZ
  private static final long USUAL_PAGE = 4096;

  private final Path proc;
  private final long page;

  /** Reads below this directory, {@code /proc} but for tests. */
  ProcessMemory(Path proc) {
    this.proc = proc;
    this.page = pageSize(proc.resolve("self/auxv"));
  }

  /** The kernel's auxiliary vector is pairs of words, a number and its value, ended by number 0. */
  private static long pageSize(Path vector) {
    try {
      ByteBuffer words = ByteBuffer.wrap(Files.readAllBytes(vector)).order(ByteOrder.nativeOrder());
      while (words.remaining() >= 2 * Long.BYTES) {
        long number = words.getLong();
        long value = words.getLong();
        if (number == PAGE_SIZE_ENTRY && value > 0) {
          return value;
        }
      }
    } catch (IOException e) {
      // A kernel that hides it; the usual size is right nearly everywhere.
      return USUAL_PAGE;
    }
    return USUAL_PAGE;
  }

  /** A process's resident memory in bytes; 0 when there is no such process. */
  long resident(int pid) {
    try {
      String[] fields =
          Files.readString(proc.resolve(Integer.toString(pid)).resolve("statm")).split(" ", 3);
      return fields.length == 3 ? Long.parseLong(fields[1]) * page : 0;
    } catch (IOException e) {
      return 0; // It has ended in the meantime.
    }
  }
}
