// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
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
import org.serpentry.protocol.SegmentFields;

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
  private final SharedMemory.Place place;
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

  ResultMemory(SharedMemory pool, String prefix, SharedMemory.Place place) {
    this.pool = pool;
    this.prefix = prefix;
    this.place = place;
  }

  /** The field that allows a call its result outside the JSON, with the memory that it may take. */
  byte[] room(long request, int forms) {
    lock.lock();
    try {
      long grant = 0;
      if (place.usable() && !closed) {
        ever = true; // From now on the worker may make files, which its death can leave.
        long more = pool.results().takeHalf();
        granted.put(request, more);
        grant = total + more;
      } else {
        granted.put(request, 0L);
      }
      byte[] room = SegmentFields.room(forms, grant, released);
      released.clear();
      return room;
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
        Map<Integer, ByteBuffer> fields = HeaderFields.read(reply.header());
        if (fields.containsKey(HeaderFields.DROPPED)) {
          SegmentFields.numbers(fields.get(HeaderFields.DROPPED)).forEach(this::forget);
        }
        if (fields.containsKey(HeaderFields.SEGMENTS)) {
          meet(SegmentFields.segments(fields.get(HeaderFields.SEGMENTS)));
        }
        ByteBuffer value = fields.get(HeaderFields.ATTACHMENTS);
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

  private void forget(int number) {
    Mapped mapped = segments.remove(number);
    if (mapped != null) {
      total -= mapped.size();
      pool.results().give(mapped.size());
    }
  }

  private void meet(List<SegmentFields.Announced> announced) throws IOException {
    for (SegmentFields.Announced segment : announced) {
      int number = segment.number();
      long size = segment.size();
      String name = segment.name();
      if (!name.startsWith(prefix) || name.contains("/") || size > Integer.MAX_VALUE) {
        throw new MalformedFrameException("'" + name + "' is no segment of this worker's");
      }
      MappedByteBuffer memory;
      try {
        memory = SegmentFile.open(place.settings().directory().resolve(name), size);
      } catch (IOException e) {
        released.add(number | FOR_GOOD); // The worker must not place further results there.
        throw e;
      }
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
      if (mapped == null || entry.offset() > mapped.size() - entry.length()) {
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
   * @throws MalformedFrameException when what came cannot be read
   */
  public Lent take(long request) throws MalformedFrameException {
    lock.lock();
    try {
      String fault = faults.remove(request);
      if (fault != null) {
        throw new MalformedFrameException("its attachment cannot be read: " + fault);
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
    Lent came;
    lock.lock();
    try {
      faults.remove(request);
      if (granted.containsKey(request)) {
        unwanted.add(request);
        return;
      }
      came = arrived.remove(request);
    } finally {
      lock.unlock();
    }
    if (came != null) {
      came.close();
    }
  }

  /** A call was not sent, nor was its field of {@link #room}, which may be null. */
  void unsent(long request, ByteBuffer room) throws MalformedFrameException {
    lock.lock();
    try {
      Long more = granted.remove(request);
      if (more != null) {
        pool.results().give(more);
      }
      if (room != null) {
        released.addAll(SegmentFields.released(room));
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

  /** Lets go of everything; whether the worker may have made segments. */
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
