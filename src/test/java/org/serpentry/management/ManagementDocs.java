// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import javax.management.DescriptorRead;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanNotificationInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.openmbean.ArrayType;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.TabularType;

/** Makes the golden text and the documentation of a bean out of what it tells a console. */
final class ManagementDocs {

  private ManagementDocs() {}

  /** Everything a script may depend on, a line each. */
  static String golden(MBeanInfo info) {
    List<String> lines = new ArrayList<>();
    lines.add("bean: " + info.getDescription());
    for (MBeanAttributeInfo attribute : attributes(info)) {
      lines.add(
          "attribute %s: %s%s%s%s: %s"
              .formatted(
                  attribute.getName(),
                  type(attribute, attribute.getType()),
                  units(attribute, " in "),
                  attribute.isReadable() ? ", read" : "",
                  attribute.isWritable() ? ", write" : "",
                  attribute.getDescription()));
    }
    for (MBeanOperationInfo operation : operations(info)) {
      lines.add(
          "operation %s: %s, %s: %s"
              .formatted(
                  signature(operation),
                  type(operation, operation.getReturnType()),
                  impact(operation),
                  operation.getDescription()));
      for (MBeanParameterInfo parameter : operation.getSignature()) {
        lines.add(
            "parameter %s.%s%s: %s"
                .formatted(
                    operation.getName(),
                    parameter.getName(),
                    units(parameter, " in "),
                    parameter.getDescription()));
      }
    }
    for (MBeanNotificationInfo notification : info.getNotifications()) {
      lines.add(
          "notification %s: %s"
              .formatted(
                  String.join(", ", notification.getNotifTypes()), notification.getDescription()));
    }
    return String.join("\n", lines) + "\n";
  }

  /** The bean's section of {@code docs/jmx.md}. */
  static String markdown(String title, MBeanInfo info) {
    StringBuilder text = new StringBuilder();
    text.append("## ").append(title).append("\n\n").append(info.getDescription());
    text.append("\n\n| Attribute | Type | Meaning |\n| --- | --- | --- |\n");
    for (MBeanAttributeInfo attribute : attributes(info)) {
      text.append(
          "| `%s` | %s%s | %s |\n"
              .formatted(
                  attribute.getName(),
                  type(attribute, attribute.getType()),
                  units(attribute, ", "),
                  attribute.getDescription()));
    }
    if (info.getOperations().length > 0) {
      text.append("\n| Operation | Impact | Meaning |\n| --- | --- | --- |\n");
      for (MBeanOperationInfo operation : operations(info)) {
        String parameters =
            Arrays.stream(operation.getSignature())
                .map(p -> " `" + p.getName() + "`: " + p.getDescription())
                .collect(Collectors.joining());
        text.append(
            "| `%s` | %s | %s%s |\n"
                .formatted(
                    signature(operation),
                    impact(operation),
                    operation.getDescription(),
                    parameters));
      }
    }
    if (info.getNotifications().length > 0) {
      text.append("\n| Notification | Meaning |\n| --- | --- |\n");
      for (MBeanNotificationInfo notification : info.getNotifications()) {
        text.append(
            "| `%s` | %s |\n"
                .formatted(notification.getNotifTypes()[0], notification.getDescription()));
      }
    }
    return text.append('\n').toString();
  }

  private static List<MBeanAttributeInfo> attributes(MBeanInfo info) {
    return Arrays.stream(info.getAttributes())
        .sorted(Comparator.comparing(MBeanAttributeInfo::getName))
        .toList();
  }

  private static List<MBeanOperationInfo> operations(MBeanInfo info) {
    return Arrays.stream(info.getOperations())
        .sorted(Comparator.comparing(MBeanOperationInfo::getName))
        .toList();
  }

  private static String signature(MBeanOperationInfo operation) {
    return operation.getName()
        + Arrays.stream(operation.getSignature())
            .map(p -> type(p, p.getType()) + " " + p.getName())
            .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String impact(MBeanOperationInfo operation) {
    return switch (operation.getImpact()) {
      case MBeanOperationInfo.INFO -> "INFO";
      case MBeanOperationInfo.ACTION -> "ACTION";
      case MBeanOperationInfo.ACTION_INFO -> "ACTION_INFO";
      default -> "UNKNOWN";
    };
  }

  private static String units(DescriptorRead feature, String before) {
    Object units = feature.getDescriptor().getFieldValue("units");
    return units == null ? "" : before + units;
  }

  private static String type(DescriptorRead feature, String javaType) {
    Object open = feature.getDescriptor().getFieldValue("openType");
    return open instanceof OpenType<?> type ? type(type) : simple(javaType);
  }

  private static String type(OpenType<?> type) {
    if (type instanceof ArrayType<?> array) {
      return "list of " + type(array.getElementOpenType());
    }
    if (type instanceof TabularType table) {
      return "table by %s of %s"
          .formatted(String.join(", ", table.getIndexNames()), type(table.getRowType()));
    }
    if (type instanceof CompositeType composite) {
      return composite.keySet().stream()
          .map(key -> key + ": " + type(composite.getType(key)))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    return simple(type.getTypeName());
  }

  private static String simple(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
