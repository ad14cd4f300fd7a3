// SPDX-License-Identifier: Apache-2.0
package org.serpentry.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;

/** The pools of a server as its MBeans show them, in values that are maps, lists and the like. */
final class PoolTree {

  private final MBeanServerConnection server;
  private final Options options;

  PoolTree(MBeanServerConnection server, Options options) {
    this.server = server;
    this.options = options;
  }

  /** The beans of the pools that are meant, by name. */
  List<ObjectName> pools() throws IOException, JMException, UsageException {
    Set<ObjectName> all = server.queryNames(new ObjectName("serpentry:*"), null);
    List<ObjectName> found =
        all.stream()
            .filter(name -> name.getKeyProperty("worker") == null)
            .filter(name -> name.getKeyProperty("component") == null)
            .filter(name -> name.getKeyProperty("pool") != null)
            .filter(name -> meant(options.application().orElse(null), name, "application"))
            .filter(name -> meant(options.module().orElse(null), name, "module"))
            .filter(name -> meant(options.pool().orElse(null), name, "pool"))
            .sorted(Comparator.comparing(ObjectName::getCanonicalName))
            .toList();
    if (found.isEmpty()) {
      throw new UsageException(
          all.isEmpty()
              ? "no pool of Serpentry runs on that server"
              : "no such pool; there are "
                  + String.join(
                      ", ",
                      all.stream()
                          .map(name -> String.join("/", place(name).values()))
                          .distinct()
                          .sorted()
                          .toList()));
    }
    return found;
  }

  /** The one pool that is meant. */
  ObjectName pool() throws IOException, JMException, UsageException {
    List<ObjectName> found = pools();
    if (found.size() > 1) {
      throw new UsageException(
          "%d pools are there; name one by --pool, --application and --module: %s"
              .formatted(found.size(), found));
    }
    return found.get(0);
  }

  /** The beans of a pool's workers, by slot. */
  List<ObjectName> workers(ObjectName pool) throws IOException, JMException {
    return server.queryNames(new ObjectName(pool.getCanonicalName() + ",worker=*"), null).stream()
        .sorted(Comparator.comparingInt(name -> Integer.parseInt(value(name, "worker"))))
        .toList();
  }

  private static boolean meant(String wanted, ObjectName name, String key) {
    return wanted == null || wanted.equals(value(name, key));
  }

  /** A key of a name as it was before it was quoted. */
  static String value(ObjectName name, String key) {
    String value = name.getKeyProperty(key);
    return value != null && value.startsWith("\"") ? ObjectName.unquote(value) : value;
  }

  /** The application, its module where it has some, and the pool that a bean belongs to. */
  static Map<String, String> place(ObjectName name) {
    Map<String, String> place = new LinkedHashMap<>();
    for (String key : List.of("application", "module", "pool")) {
      if (name.getKeyProperty(key) != null) {
        place.put(key, value(name, key));
      }
    }
    return place;
  }

  /** All attributes of a bean, after what its name says. */
  Map<String, Object> read(ObjectName name) throws IOException, JMException {
    String[] attributes =
        Stream.of(server.getMBeanInfo(name).getAttributes())
            .filter(MBeanAttributeInfo::isReadable)
            .map(MBeanAttributeInfo::getName)
            .sorted()
            .toArray(String[]::new);
    Map<String, Object> values = new LinkedHashMap<>(place(name));
    if (name.getKeyProperty("worker") != null) {
      values.put("worker", value(name, "worker"));
    }
    for (Attribute each : server.getAttributes(name, attributes).asList()) {
      values.put(each.getName(), plain(each.getValue()));
    }
    return values;
  }

  /** Calls an operation. */
  Object invoke(ObjectName name, String operation, Object... arguments)
      throws IOException, JMException, UsageException {
    String[] types = Stream.of(arguments).map(each -> int.class.getName()).toArray(String[]::new);
    try {
      return plain(server.invoke(name, operation, arguments, types));
    } catch (RuntimeMBeanException e) {
      throw new UsageException(String.valueOf(e.getCause().getMessage()));
    } catch (javax.management.MBeanException e) {
      throw new UsageException(String.valueOf(e.getCause().getMessage()));
    }
  }

  /** Open data as maps and lists. */
  static Object plain(Object value) {
    if (value instanceof CompositeData data) {
      Map<String, Object> map = new LinkedHashMap<>();
      data.getCompositeType().keySet().stream()
          .sorted()
          .forEach(key -> map.put(key, plain(data.get(key))));
      return map;
    }
    if (value instanceof TabularData table) {
      return rows(table);
    }
    if (value instanceof Object[] array) {
      return Stream.of(array).map(PoolTree::plain).toList();
    }
    return value;
  }

  /** A table as the list of its rows, or, where it is a map in disguise, as that map. */
  private static Object rows(TabularData table) {
    List<String> index = table.getTabularType().getIndexNames();
    Set<String> columns = table.getTabularType().getRowType().keySet();
    boolean map = index.equals(List.of("key")) && columns.equals(Set.of("key", "value"));
    Map<String, Object> entries = new LinkedHashMap<>();
    List<Object> rows = new ArrayList<>();
    for (Object each : table.values()) {
      CompositeData row = (CompositeData) each;
      if (map) {
        entries.put(String.valueOf(row.get("key")), plain(row.get("value")));
      } else {
        rows.add(plain(row));
      }
    }
    return map ? entries : rows;
  }
}
