// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.serpentry.api.PythonPoolException;

/**
 * A program's pieces, from the worker that runs it: the first one asked, or when that one lacks
 * something the one that gets everything along. For one thread at a time.
 */
final class PieceStream implements Iterator<ProgramPiece>, AutoCloseable {

  private final Supplier<Stream<Map<String, Object>>> full;
  private final Consumer<Execution> ended;
  private final Runnable failed;
  private Stream<Map<String, Object>> source;
  private Iterator<Map<String, Object>> pieces;
  private Map<String, Object> first;

  private PieceStream(
      Supplier<Stream<Map<String, Object>>> brief,
      Supplier<Stream<Map<String, Object>>> full,
      Consumer<Execution> ended,
      Runnable failed) {
    this.full = full;
    this.ended = ended;
    this.failed = failed;
    this.source = brief.get();
    this.pieces = source.iterator();
  }

  /**
   * A stream that begins at once.
   *
   * @param brief asks a worker that may lack something
   * @param full sends everything along
   * @param ended takes the result when it comes
   * @param failed is run when it fails
   */
  static Stream<ProgramPiece> of(
      Supplier<Stream<Map<String, Object>>> brief,
      Supplier<Stream<Map<String, Object>>> full,
      Consumer<Execution> ended,
      Runnable failed) {
    PieceStream read = new PieceStream(brief, full, ended, failed);
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(read, Spliterator.ORDERED), false)
        .onClose(read::close);
  }

  @Override
  public boolean hasNext() {
    try {
      if (first == null && pieces.hasNext()) {
        first = pieces.next();
        if (ProgramWire.lacking(first)) {
          source.close();
          source = full.get();
          pieces = source.iterator();
          first = pieces.hasNext() ? pieces.next() : null;
        }
      }
      return first != null;
    } catch (PythonPoolException e) {
      failed.run();
      throw DspyException.of(e);
    }
  }

  @Override
  public ProgramPiece next() {
    Map<String, Object> piece = hasNext() ? first : pieces.next();
    first = null;
    if (piece.get("text") instanceof String text) {
      return new ProgramPiece(String.valueOf(piece.get("field")), text, Optional.empty());
    }
    Execution result = ProgramWire.execution(piece);
    ended.accept(result);
    return new ProgramPiece("", "", Optional.of(result));
  }

  @Override
  public void close() {
    source.close();
  }
}
