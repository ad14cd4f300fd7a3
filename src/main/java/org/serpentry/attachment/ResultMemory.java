// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.serpentry.protocol.Attachment;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.HeaderFields;
import org.serpentry.protocol.MalformedFrameException;

/**
 * The segments that one worker makes for its results. The host maps each when it is first told of
 * it; the worker uses one again when it hears, with a later call, that the result has been given
 * back. A reply that nobody wants any more is given back as it arrives. Any thread may call.
 */
public final class ResultMemory {

  private static final int FOR_GOOD = 1 << 31;

  private record Mapped(MappedByteBuffer memory, long size) {}

  private final SharedMemory pool;
  private final String prefix;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, Mapped> segments = new HashMap<>();
  private final Map<Long, Long> granted = new HashMap<>();
  private final Map<Long, Lent> arrived = new HashMap<>();
  private final Map<Long, String> faults = new HashMap<>();
  private final Set<Long> unwanted = new HashSet<>();
  private final List<Integer> released = new ArrayList<>();
  private long total;
  private boolean ever;
  private boolean closed;

  ResultMemory(SharedMemory pool, String prefix) {
    this.pool = pool;
    this.prefix = prefix;
  }

  static byte[] numbers(List<Integer> numbers) {
    ByteBuffer out = ByteBuffer.allocate(numbers.size() * Integer.BYTES);
    numbers.forEach(out::putInt);
    return out.array();
  }

  /** The field that allows a call its result outside the JSON, with the memory that it may take. */
  byte[] room(long request, int forms) {
    lock.lock();
    try {
      long grant = 0;
      if (pool.usable() && !closed) {
        long more = pool.results().takeHalf();
        granted.put(request, more);
        grant = total + more;
      } else {
        granted.put(request, 0L);
      }
      byte[] freed = numbers(released);
      released.clear();
      return ByteBuffer.allocate(1 + Long.BYTES + freed.length)
          .put((byte) forms)
          .putLong(grant)
          .put(freed)
          .array();
    } finally {
      lock.unlock();
    }
  }

  void arrived(Frame reply) {
    lock.lock();
    try {
      Long more = granted.remove(reply.requestId());
      if (more != null) {
        pool.results().give(more);
      }
      boolean wanted = more != null && !unwanted.remove(reply.requestId());
      try {
        drop(HeaderFields.find(reply.header(), HeaderFields.DROPPED));
        meet(HeaderFields.find(reply.header(), HeaderFields.SEGMENTS));
        ByteBuffer value = HeaderFields.find(reply.header(), HeaderFields.ATTACHMENTS);
        if (value != null) {
          place(reply.requestId(), wanted, Attachment.read(value));
        }
      } catch (IOException e) {
        if (wanted) {
          faults.put(reply.requestId(), e.getMessage());
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void drop(ByteBuffer numbers) {
    while (numbers != null && numbers.remaining() >= Integer.BYTES) {
      forget(numbers.getInt());
    }
  }

  private void forget(int number) {
    Mapped mapped = segments.remove(number);
    if (mapped != null) {
      total -= mapped.size();
      pool.results().give(mapped.size());
    }
  }

  private void meet(ByteBuffer in) throws IOException {
    while (in != null && in.hasRemaining()) {
      if (in.remaining() < Integer.BYTES + Long.BYTES + Short.BYTES) {
        throw new MalformedFrameException("the field of segments is cut short");
      }
      int number = in.getInt();
      long size = in.getLong();
      byte[] bytes = new byte[Math.min(in.getShort() & 0xffff, in.remaining())];
      in.get(bytes);
      String name = new String(bytes, StandardCharsets.UTF_8);
      if (!name.startsWith(prefix) || name.contains("/") || size > Integer.MAX_VALUE) {
        throw new MalformedFrameException("'" + name + "' is no segment of this worker's");
      }
      MappedByteBuffer memory = SegmentFile.open(pool.settings().directory().resolve(name), size);
      ever = true;
      if (!closed) {
        segments.put(number, new Mapped(memory, size));
        total += size;
        pool.results().force(size);
      }
    }
  }

  private void place(long request, boolean wanted, Attachment.Field field)
      throws MalformedFrameException {
    for (Attachment entry : field.entries()) {
      if (entry.segment() == Attachment.IN_FRAME) {
        return;
      }
      Mapped mapped = segments.get(entry.segment());
      if (mapped == null || entry.offset() + entry.length() > mapped.size()) {
        throw new MalformedFrameException(entry + " does not lie in a known segment");
      }
      if (wanted) {
        ByteBuffer bytes = mapped.memory().slice((int) entry.offset(), (int) entry.length());
        arrived.put(request, new LentSegment(this, entry, bytes));
      } else {
        released.add(entry.segment());
      }
    }
  }

  /**
   * Takes the result that has come for a call in a segment.
   *
   * @param request the call's id
   * @return the result, to be given back; null when it is in the frame
   * @throws IllegalStateException when what came cannot be read
   */
  public Lent take(long request) {
    lock.lock();
    try {
      String fault = faults.remove(request);
      if (fault != null) {
        throw new IllegalStateException("its attachment cannot be read: " + fault);
      }
      return arrived.remove(request);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Nobody wants the result of a call any more, whether it has come or not.
   *
   * @param request the call's id
   */
  public void abandon(long request) {
    lock.lock();
    try {
      faults.remove(request);
      if (granted.containsKey(request)) {
        unwanted.add(request);
        return;
      }
    } finally {
      lock.unlock();
    }
    Lent came = take(request);
    if (came != null) {
      came.close();
    }
  }

  void unsent(long request) {
    lock.lock();
    try {
      Long more = granted.remove(request);
      if (more != null) {
        pool.results().give(more);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * A result has been given back, or lost: then views of it may be left, and it is not used again.
   */
  void giveBack(int number, boolean lost) {
    lock.lock();
    try {
      if (lost) {
        forget(number);
        released.add(number | FOR_GOOD);
      } else {
        released.add(number);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets go of everything; whether there has been a segment. */
  boolean close() {
    lock.lock();
    try {
      closed = true;
      granted.values().forEach(pool.results()::give);
      granted.clear();
      unwanted.clear();
      List.copyOf(segments.keySet()).forEach(this::forget); // What callers still have stays mapped.
      return ever;
    } finally {
      lock.unlock();
    }
  }
}
