// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.InvalidAttributeValueException;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanException;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.NotificationEmitter;
import javax.management.ReflectionException;
import javax.management.StandardEmitterMBean;
import org.serpentry.telemetry.SafeThrowable;

/**
 * An MXBean whose descriptions, parameter names and impacts are read from the annotations of its
 * interface: {@link Description}, {@link Named}, {@link Impact}, {@link Table}. Its operations pass
 * a {@link Gate}. It knows whether it is registered.
 */
final class DescribedMBean extends StandardEmitterMBean {

  private static final Logger LOG = System.getLogger(DescribedMBean.class.getName());

  private final Class<?> type;
  private final Gate gate;
  private volatile boolean registered;
  private volatile Tables tables;

  <T> DescribedMBean(T bean, Class<T> type, NotificationEmitter emitter, Gate gate) {
    super(bean, type, true, emitter);
    this.type = type;
    this.gate = gate;
  }

  private Tables tables() {
    Tables made = tables;
    if (made == null) {
      made = new Tables(type, super.getMBeanInfo());
      tables = made;
    }
    return made;
  }

  @Override
  public MBeanInfo getMBeanInfo() {
    return tables().info();
  }

  // ---- reading

  @Override
  public Object getAttribute(String attribute)
      throws AttributeNotFoundException, MBeanException, ReflectionException {
    return tables().value(attribute, super.getAttribute(attribute));
  }

  @Override
  public AttributeList getAttributes(String[] attributes) {
    AttributeList values = new AttributeList();
    for (Attribute value : super.getAttributes(attributes).asList()) {
      values.add(new Attribute(value.getName(), tables().value(value.getName(), value.getValue())));
    }
    return values;
  }

  // ---- operating

  @Override
  public Object invoke(String action, Object[] params, String[] signature)
      throws MBeanException, ReflectionException {
    List<Object> arguments = params == null ? List.of() : Arrays.asList(params);
    Method method = find(action, arguments.size());
    if (method == null) {
      return super.invoke(action, params, signature); // Which refuses it.
    }
    String what = shown(method, arguments);
    return gate.pass(
        what, method.getAnnotation(Impact.class), () -> super.invoke(action, params, signature));
  }

  private static String shown(Method method, List<Object> arguments) {
    List<String> texts = new ArrayList<>();
    for (Parameter parameter : method.getParameters()) {
      texts.add(
          parameter.isAnnotationPresent(Secret.class)
              ? "…"
              : String.valueOf(arguments.get(texts.size())));
    }
    return method.getName() + "(" + String.join(", ", texts) + ")";
  }

  @Override
  public void setAttribute(Attribute attribute)
      throws AttributeNotFoundException,
          InvalidAttributeValueException,
          MBeanException,
          ReflectionException {
    set(attribute);
  }

  private void set(Attribute attribute)
      throws AttributeNotFoundException,
          InvalidAttributeValueException,
          MBeanException,
          ReflectionException {
    Exception[] refused = new Exception[1];
    gate.pass(
        attribute.getName() + " = " + attribute.getValue(),
        null,
        () -> {
          try {
            super.setAttribute(attribute);
          } catch (AttributeNotFoundException | InvalidAttributeValueException e) {
            refused[0] = e;
          }
          return null;
        });
    if (refused[0] instanceof AttributeNotFoundException e) {
      throw e;
    }
    if (refused[0] instanceof InvalidAttributeValueException e) {
      throw e;
    }
  }

  @Override
  public AttributeList setAttributes(AttributeList attributes) {
    AttributeList done = new AttributeList();
    for (Attribute attribute : attributes.asList()) {
      try {
        set(attribute);
        done.add(attribute);
      } catch (JMException | RuntimeException e) {
        // What is missing in the answer was not done: so this method tells of a refusal.
        LOG.log(
            Level.WARNING,
            SafeThrowable.line(attribute.getName()) + " was not changed",
            SafeThrowable.of(e));
      }
    }
    return done;
  }

  // ---- registration

  /** Whether an MBean server holds this very bean, and not another that took over its name. */
  boolean registered() {
    return registered;
  }

  @Override
  public void postRegister(Boolean done) {
    super.postRegister(done);
    registered = Boolean.TRUE.equals(done);
  }

  @Override
  public void postDeregister() {
    super.postDeregister();
    registered = false;
  }

  @Override
  protected String getDescription(MBeanInfo info) {
    return required(type.getAnnotation(Description.class), type.getName()).value();
  }

  @Override
  protected String getDescription(MBeanAttributeInfo info) {
    Method getter = method((info.isIs() ? "is" : "get") + info.getName(), 0);
    return required(getter.getAnnotation(Description.class), info.getName()).value();
  }

  @Override
  protected String getDescription(MBeanOperationInfo info) {
    Method method = method(info);
    String text = required(method.getAnnotation(Description.class), info.getName()).value();
    return required(method.getAnnotation(Impact.class), info.getName()).safe()
        ? text + " (safe)"
        : text;
  }

  @Override
  protected String getDescription(MBeanOperationInfo info, MBeanParameterInfo param, int sequence) {
    Parameter parameter = method(info).getParameters()[sequence];
    return required(parameter.getAnnotation(Description.class), info.getName()).value();
  }

  @Override
  protected String getParameterName(
      MBeanOperationInfo info, MBeanParameterInfo param, int sequence) {
    Parameter parameter = method(info).getParameters()[sequence];
    return required(parameter.getAnnotation(Named.class), info.getName()).value();
  }

  @Override
  protected int getImpact(MBeanOperationInfo info) {
    return required(method(info).getAnnotation(Impact.class), info.getName()).value();
  }

  private Method method(MBeanOperationInfo info) {
    return method(info.getName(), info.getSignature().length);
  }

  private Method find(String name, int parameters) {
    for (Method method : type.getMethods()) {
      if (method.getName().equals(name) && method.getParameterCount() == parameters) {
        return method;
      }
    }
    return null;
  }

  private Method method(String name, int parameters) {
    Method method = find(name, parameters);
    if (method != null) {
      return method;
    }
    throw new IllegalStateException(type.getName() + " has no method " + name);
  }

  private <A extends Annotation> A required(A annotation, String where) {
    if (annotation == null) {
      throw new IllegalStateException(
          type.getSimpleName() + ": " + where + " lacks an annotation that consoles need");
    }
    return annotation;
  }
}
