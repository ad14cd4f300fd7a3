// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.HeaderFields;
import org.serpentry.protocol.MalformedFrameException;
import org.serpentry.protocol.SegmentFields;

/**
 * The segments that the host and one worker share: the host's for arguments, kept for the next call
 * when a call has ended, and the worker's for results, see {@link ResultMemory}. All of it ends
 * with the worker. Any thread may call; nothing waits for anything but a lock held briefly, and for
 * memory to be made.
 */
public final class WorkerMemory {

  private static final Logger LOG = System.getLogger(WorkerMemory.class.getName());
  private static final long GRAIN = 64 * 1024;
  private static final int NAME_BYTES = 8;

  private final SharedMemory pool;
  private final String prefix;
  private final SharedMemory.Place place;
  private final ResultMemory results;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Segment> free = new ArrayList<>();
  private final Map<Long, Segment> busy = new HashMap<>();
  private final Map<Integer, Segment> kept = new HashMap<>();
  private final List<Integer> dropped = new ArrayList<>();
  private int last;
  private boolean closed;

  WorkerMemory(SharedMemory pool, String prefix, SharedMemory.Place place) {
    this.pool = pool;
    this.prefix = prefix;
    this.place = place;
    this.results = new ResultMemory(pool, prefix, place);
  }

  /**
   * The results' half.
   *
   * @return the worker's segments
   */
  public ResultMemory results() {
    return results;
  }

  // ---- arguments

  /**
   * Fills a segment with a call's arguments and adds to its header what the worker must know.
   *
   * @return the segment, or null when they must go by the socket
   */
  Segment lend(long request, BinaryArguments arguments, HeaderFields fields) {
    long room = arguments.room();
    if (!place.usable() || room < place.settings().threshold()) {
      return null;
    }
    Segment segment = claim(request, room);
    if (segment == null) {
      return null;
    }
    ByteBuffer out = segment.memory().duplicate();
    try {
      arguments.copyTo(out);
    } finally {
      lock.lock();
      try {
        segment.fill(false);
      } finally {
        lock.unlock();
      }
    }
    announce(segment, fields);
    return segment;
  }

  private Segment claim(long request, long room) {
    lock.lock();
    try {
      if (closed) {
        return null;
      }
      Segment segment =
          free.stream()
              .filter(s -> s.size() >= room)
              .min(Comparator.comparingLong(Segment::size))
              .orElse(null);
      if (segment == null) {
        segment = make((room + GRAIN - 1) / GRAIN * GRAIN);
      } else {
        free.remove(segment);
      }
      if (segment != null) {
        segment.fill(true);
        busy.put(request, segment);
      }
      return segment;
    } finally {
      lock.unlock();
    }
  }

  private Segment make(long size) {
    if (size > Integer.MAX_VALUE) {
      return null;
    }
    while (!pool.arguments().take(size)) {
      if (free.isEmpty()) {
        pool.tellShort(
            "%d bytes of shared-memory are in use, %d are needed".formatted(pool.used(), size));
        return null;
      }
      drop(free.remove(0));
    }
    String name = prefix + randomName();
    try {
      Path path = place.settings().directory().resolve(name);
      return new Segment(
          ++last, name, size, SegmentFile.create(path, size, place.settings().owner()));
    } catch (IOException | OutOfMemoryError e) {
      pool.arguments().give(size);
      pool.tellShort(e.toString());
      return null;
    } catch (RuntimeException | Error e) {
      pool.arguments().give(size);
      throw e;
    }
  }

  private static String randomName() {
    byte[] bytes = new byte[NAME_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private void drop(Segment segment) {
    segment.unmap();
    pool.arguments().give(segment.size());
    if (segment.announce()) {
      SegmentFile.delete(place.settings().directory().resolve(segment.name()));
    } else {
      dropped.add(segment.number());
    }
  }

  private void announce(Segment segment, HeaderFields fields) {
    lock.lock();
    try {
      if (!dropped.isEmpty()) {
        fields.put(HeaderFields.DROPPED, SegmentFields.numbers(dropped));
        dropped.clear();
      }
      if (segment.announce()) {
        fields.put(
            HeaderFields.SEGMENTS,
            SegmentFields.segments(
                List.of(
                    new SegmentFields.Announced(
                        segment.number(), segment.size(), segment.name()))));
      }
    } finally {
      lock.unlock();
    }
  }

  // ---- replies

  /**
   * A reply with a header has arrived, wanted or not. Its arguments' segment is free again, unless
   * Python still looks at it.
   *
   * @param reply the reply
   */
  public void arrived(Frame reply) {
    results.arrived(reply);
    SegmentFields.Kept told = told(reply);
    if (told == null) {
      return; // Nothing is known of the call's segment: it stays the worker's, until its end.
    }
    List<Integer> keeps = told.kept();
    List<Integer> gone = told.gone();
    lock.lock();
    try {
      Segment used = busy.remove(reply.requestId());
      if (used != null && keeps.contains(used.number())) {
        used.unmap();
        kept.put(used.number(), used);
      } else if (used != null && gone.contains(used.number())) {
        drop(used);
      } else if (used != null && closed) {
        destroy(used);
      } else if (used != null) {
        free.add(used);
      }
      for (int number : gone) {
        Segment over = kept.remove(number);
        if (over != null) {
          pool.arguments().give(over.size());
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private static SegmentFields.Kept told(Frame reply) {
    ByteBuffer value = HeaderFields.find(reply.header(), HeaderFields.KEPT);
    try {
      return value == null ? null : SegmentFields.kept(value);
    } catch (MalformedFrameException e) {
      LOG.log(Level.WARNING, "A worker's reply says nothing of its call's memory", e);
      return null;
    }
  }

  /**
   * A call was not sent after all: what the worker was to hear with it goes with a later one.
   *
   * @param request its id
   * @param fields its header's further fields, as far as they had come
   */
  public void unsent(long request, byte[] fields) {
    try {
      Map<Integer, ByteBuffer> untold = HeaderFields.read(fields);
      results.unsent(request, untold.get(HeaderFields.RESULT_ROOM));
      lock.lock();
      try {
        takeBack(busy.remove(request), untold);
      } finally {
        lock.unlock();
      }
    } catch (MalformedFrameException e) {
      throw new IllegalStateException("the fields of call " + request + " are its own", e);
    }
  }

  private void takeBack(Segment segment, Map<Integer, ByteBuffer> untold)
      throws MalformedFrameException {
    if (untold.containsKey(HeaderFields.DROPPED)) {
      dropped.addAll(SegmentFields.numbers(untold.get(HeaderFields.DROPPED)));
    }
    if (segment != null) {
      if (untold.containsKey(HeaderFields.SEGMENTS)) {
        segment.unannounced();
      }
      free.add(segment);
    }
  }

  private void destroy(Segment segment) {
    segment.unmap();
    pool.arguments().give(segment.size());
    SegmentFile.delete(place.settings().directory().resolve(segment.name()));
  }

  /**
   * The worker has ended: nothing of it is used any more, but for results that callers still have.
   */
  public void close() {
    boolean any;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      any = last > 0;
      free.forEach(this::destroy);
      free.clear();
      busy.values().forEach(this::destroy);
      busy.clear();
      for (Iterator<Segment> i = kept.values().iterator(); i.hasNext(); i.remove()) {
        pool.arguments().give(i.next().size());
      }
    } finally {
      lock.unlock();
    }
    pool.ended(prefix, results.close() || any);
  }
}
