// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.openmbean.ArrayType;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenMBeanAttributeInfoSupport;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.TabularDataSupport;
import javax.management.openmbean.TabularType;

/**
 * Makes tables of a bean's attributes that have a {@link Table} annotation: MXBeans themselves make
 * arrays of a list of records. Immutable.
 */
final class Tables {

  private final Map<String, TabularType> types = new HashMap<>();
  private final MBeanInfo info;

  /**
   * Of a bean.
   *
   * @param type its interface
   * @param plain its description, with arrays
   */
  Tables(Class<?> type, MBeanInfo plain) {
    MBeanAttributeInfo[] attributes = plain.getAttributes().clone();
    for (int i = 0; i < attributes.length; i++) {
      Table table = table(type, attributes[i].getName());
      if (table != null) {
        attributes[i] = tabular(attributes[i], table.value());
      }
    }
    this.info =
        new MBeanInfo(
            plain.getClassName(),
            plain.getDescription(),
            attributes,
            plain.getConstructors(),
            plain.getOperations(),
            plain.getNotifications(),
            plain.getDescriptor());
  }

  private static Table table(Class<?> type, String attribute) {
    for (Method method : type.getMethods()) {
      if (method.getName().equals("get" + attribute)) {
        return method.getAnnotation(Table.class);
      }
    }
    return null;
  }

  private MBeanAttributeInfo tabular(MBeanAttributeInfo attribute, String index) {
    ArrayType<?> list = (ArrayType<?>) attribute.getDescriptor().getFieldValue("openType");
    try {
      TabularType table =
          new TabularType(
              list.getElementOpenType().getTypeName(),
              attribute.getDescription(),
              (CompositeType) list.getElementOpenType(),
              new String[] {index});
      types.put(attribute.getName(), table);
      return new OpenMBeanAttributeInfoSupport(
          attribute.getName(), attribute.getDescription(), (OpenType<?>) table, true, false, false);
    } catch (OpenDataException e) {
      throw new IllegalStateException(
          attribute.getName() + " cannot be a table by its column " + index, e);
    }
  }

  /** The description, with tables. */
  MBeanInfo info() {
    return info;
  }

  /** A value as consoles get it. */
  Object value(String attribute, Object plain) {
    TabularType type = types.get(attribute);
    if (type == null || plain == null) {
      return plain;
    }
    TabularDataSupport table = new TabularDataSupport(type);
    for (CompositeData row : (CompositeData[]) plain) {
      if (!table.containsKey(table.calculateIndex(row))) {
        table.put(row);
      }
    }
    return table;
  }
}
