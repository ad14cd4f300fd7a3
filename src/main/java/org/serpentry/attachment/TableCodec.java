// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.lang.reflect.Type;
import java.util.List;
import org.serpentry.protocol.Table;

/**
 * A codec that also knows lists of records as tables, with the same meaning as their JSON. Thread
 * safe, as the codec itself.
 */
public interface TableCodec {

  /**
   * A list of rows as a table.
   *
   * @param rows records or maps
   * @return the table, or null when the JSON could say more, or would be refused
   */
  Table table(List<?> rows);

  /**
   * Whether {@link #rows} can read a type.
   *
   * @param type the caller's
   * @return whether it is a {@code List} of flat records
   */
  boolean readsTables(Type type);

  /**
   * The rows of a table.
   *
   * @param table from a worker
   * @param type for which {@link #readsTables} holds
   * @return the list
   * @throws RuntimeException as the codec does when the table does not fit the type
   */
  Object rows(Table table, Type type);
}
