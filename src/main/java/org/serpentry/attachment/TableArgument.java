// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.nio.ByteBuffer;
import java.util.List;
import org.serpentry.protocol.Table;

/** A list of records as an argument that travels as a table. Immutable. */
public final class TableArgument {

  private final List<?> rows;
  private final ByteBuffer bytes;

  /**
   * An argument.
   *
   * @param rows what the caller gave
   * @param table the same as a table
   */
  public TableArgument(List<?> rows, Table table) {
    this.rows = rows;
    this.bytes = table.toBytes();
  }

  /**
   * What the caller gave.
   *
   * @return the records
   */
  public List<?> rows() {
    return rows;
  }

  ByteBuffer bytes() {
    return bytes.duplicate();
  }
}
