// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.NotificationEmitter;
import javax.management.StandardEmitterMBean;

/**
 * An MXBean whose descriptions, parameter names and impacts are read from the annotations of its
 * interface: {@link Description}, {@link Named}, {@link Impact}. It knows whether it is registered.
 */
final class DescribedMBean extends StandardEmitterMBean {

  private final Class<?> type;
  private volatile boolean registered;

  <T> DescribedMBean(T bean, Class<T> type, NotificationEmitter emitter) {
    super(bean, type, true, emitter);
    this.type = type;
  }

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
    return required(method(info).getAnnotation(Description.class), info.getName()).value();
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

  private Method method(String name, int parameters) {
    for (Method method : type.getMethods()) {
      if (method.getName().equals(name) && method.getParameterCount() == parameters) {
        return method;
      }
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
