// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.serpentry.attachment.BinaryResult;
import org.serpentry.attachment.Lent;
import org.serpentry.attachment.TableArgument;
import org.serpentry.attachment.TableCodec;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.HeaderFields;
import org.serpentry.protocol.MalformedFrameException;
import org.serpentry.protocol.SegmentFields;
import org.serpentry.protocol.Table;
import org.serpentry.spi.Codec;
import org.serpentry.worker.Worker;

/**
 * Decides which lists of records travel as tables. Workers tell which parameters take frames when a
 * call with a long list asks for it; results are offered tables once their JSON has been long.
 * Until then, and for everything else, there is the JSON, which says the same. Any thread may call.
 */
final class Tables {

  /** Shorter lists are faster as JSON ({@code TableBench}: 0.98 of it at 64 rows, 1.44 at 32). */
  static final int LEAST_ROWS = 64;

  /** In bytes: of 64 rows of a few columns. Results whose JSON is shorter are faster so. */
  static final int LEAST_JSON = 4 * 1024;

  /** The parameters of one function that take frames, as the code of this hash has it. */
  private record Frames(String codeHash, Set<Integer> positions, Set<String> names) {}

  private final TableCodec codec;
  private final Map<String, Frames> frames = new ConcurrentHashMap<>();
  private final Set<String> longResults = ConcurrentHashMap.newKeySet();

  Tables(Codec codec) {
    this.codec = codec instanceof TableCodec tables ? tables : null;
  }

  // ---- arguments

  private static boolean isLong(Object value) {
    return value instanceof List<?> list && list.size() >= LEAST_ROWS;
  }

  private static boolean anyLong(CallRequest request) {
    for (Object value : request.positional()) {
      if (isLong(value)) {
        return true;
      }
    }
    for (Object value : request.named().values()) {
      if (isLong(value)) {
        return true;
      }
    }
    return false;
  }

  /** The call with tables in place of the long lists that its function takes as frames. */
  CallRequest prepared(CallRequest request) {
    if (codec == null || frames.isEmpty() || !anyLong(request)) {
      return request;
    }
    Frames known = frames.get(request.target());
    if (known == null || known.names().isEmpty()) {
      return request;
    }
    List<Object> positional = new ArrayList<>(request.positional());
    for (int i = 0; i < positional.size(); i++) {
      if (known.positions().contains(i)) {
        positional.set(i, tableOrList(positional.get(i)));
      }
    }
    Map<String, Object> named = new LinkedHashMap<>(request.named());
    named.replaceAll((name, value) -> known.names().contains(name) ? tableOrList(value) : value);
    return request.with(positional, named);
  }

  private Object tableOrList(Object value) {
    if (!isLong(value)) {
      return value;
    }
    List<?> rows = (List<?>) value;
    Table table;
    try {
      table = codec.table(rows);
    } catch (RuntimeException e) {
      return value; // The JSON's writer meets the same and names the argument.
    }
    return table == null ? value : new TableArgument(rows, table);
  }

  /** Whether a call has tables. */
  static boolean any(CallRequest request) {
    return request.positional().stream().anyMatch(TableArgument.class::isInstance)
        || request.named().values().stream().anyMatch(TableArgument.class::isInstance);
  }

  /** The call as its caller made it, for a worker that knows no tables. */
  static CallRequest plain(CallRequest request) {
    List<Object> positional = new ArrayList<>(request.positional());
    positional.replaceAll(Tables::list);
    Map<String, Object> named = new LinkedHashMap<>(request.named());
    named.replaceAll((name, value) -> list(value));
    return request.with(positional, named);
  }

  private static Object list(Object value) {
    return value instanceof TableArgument table ? table.rows() : value;
  }

  // ---- results

  /** What a call asks of its worker about tables. */
  int forms(CallRequest request, Worker worker) {
    if (codec == null || !worker.hello().tables()) {
      return BinaryResult.NONE;
    }
    int forms = BinaryResult.NONE;
    if (!longResults.isEmpty()
        && longResults.contains(request.target())
        && codec.readsTables(request.type())) {
      forms |= BinaryResult.TABLE;
    }
    if (anyLong(request) && !knows(request.target(), worker)) {
      forms |= BinaryResult.ASK_FRAMES;
    }
    return forms;
  }

  private boolean knows(String target, Worker worker) {
    Frames known = frames.get(target);
    return known != null && known.codeHash().equals(worker.hello().codeHash());
  }

  /** Takes what a reply says of its function's parameters. */
  void learn(CallRequest request, Worker worker, Frame reply) throws MalformedFrameException {
    ByteBuffer in = HeaderFields.read(reply.header()).get(HeaderFields.FRAMES);
    if (in == null) {
      return;
    }
    Set<Integer> positions = new HashSet<>();
    Set<String> names = new HashSet<>();
    for (SegmentFields.Parameter parameter : SegmentFields.frames(in)) {
      names.add(parameter.name());
      positions.add(parameter.position());
    }
    frames.put(request.target(), new Frames(worker.hello().codeHash(), positions, names));
  }

  /** Notes the length of a result that came as JSON. */
  void cameAsJson(CallRequest request, int length) {
    if (length >= LEAST_JSON && codec != null && codec.readsTables(request.type())) {
      longResults.add(request.target());
    }
  }

  /** The rows of a result that came as a table, which is given back. */
  Object rows(Type type, Lent lent) throws MalformedFrameException {
    try (lent) {
      return codec.rows(Table.read(lent.bytes()), type);
    }
  }
}
