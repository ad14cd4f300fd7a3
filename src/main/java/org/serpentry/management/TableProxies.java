// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.management.JMException;
import javax.management.JMX;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;

/**
 * Proxies for clients that have this library: as {@link JMX#newMXBeanProxy}, which alone cannot
 * read the attributes that are tables. Any thread may use them.
 */
public final class TableProxies {

  private TableProxies() {}

  /**
   * Makes a proxy.
   *
   * @param server where the bean is, or a remote connection to it
   * @param name the bean's name
   * @param type its interface, for example {@link PythonPoolMXBean}
   * @param <T> the interface
   * @return the bean, as if it were here; its methods throw {@link IllegalStateException} when the
   *     connection fails
   */
  public static <T> T of(MBeanServerConnection server, ObjectName name, Class<T> type) {
    T plain = JMX.newMXBeanProxy(server, name, type);
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (method.isAnnotationPresent(Table.class)) {
            return rows(server, name, method);
          }
          try {
            return method.invoke(plain, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static List<Object> rows(MBeanServerConnection server, ObjectName name, Method getter) {
    Class<?> row =
        (Class<?>) ((ParameterizedType) getter.getGenericReturnType()).getActualTypeArguments()[0];
    String attribute = getter.getName().substring("get".length());
    try {
      TabularData table = (TabularData) server.getAttribute(name, attribute);
      List<Object> rows = new ArrayList<>();
      for (Object data : table.values()) {
        rows.add(row(row, (CompositeData) data));
      }
      return rows;
    } catch (JMException | IOException | ReflectiveOperationException e) {
      throw new IllegalStateException(attribute + " of " + name + " cannot be read: " + e, e);
    }
  }

  private static Object row(Class<?> type, CompositeData data) throws ReflectiveOperationException {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] values =
        Arrays.stream(components).map(component -> data.get(component.getName())).toArray();
    return type.getConstructor(types).newInstance(values);
  }
}
