// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing.junit;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;

/** Carries out {@link PythonPoolTest}. Without state: all of it is in JUnit's stores. */
final class PoolTestExtension
    implements ExecutionCondition,
        BeforeAllCallback,
        AfterAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        ParameterResolver,
        TestExecutionExceptionHandler,
        LifecycleMethodExecutionExceptionHandler {

  private static final Namespace NAMESPACE = Namespace.create(PoolTestExtension.class);
  private static final String OWN = "own";
  private static final String REQUIRED = "serpentry.test.required";

  // ---- whether it runs

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Optional<AnnotatedElement> element = context.getElement();
    Optional<OnLayer> only =
        element.flatMap(e -> AnnotationSupport.findAnnotation(e, OnLayer.class));
    if (only.isEmpty()) {
      return ConditionEvaluationResult.enabled("it may run on every layer");
    }
    String chosen = opener(context).choice().adapter().name();
    List<String> wanted = Stream.of(only.get().value()).map(TestLayer::adapter).toList();
    return wanted.contains(chosen)
        ? ConditionEvaluationResult.enabled("it runs on the layer " + chosen)
        : ConditionEvaluationResult.disabled(
            "it runs on %s only, and this one is %s; choose by TEST_MODE, serpentry.test-mode or @PythonPoolTest(layer = …)"
                .formatted(List.of(only.get().value()), opener(context).choice()));
  }

  private static PoolOpener opener(ExtensionContext context) {
    return new PoolOpener(annotation(context), context::getConfigurationParameter);
  }

  private static PythonPoolTest annotation(ExtensionContext context) {
    for (Class<?> type = context.getRequiredTestClass();
        type != null;
        type = type.getEnclosingClass()) {
      Optional<PythonPoolTest> found = AnnotationSupport.findAnnotation(type, PythonPoolTest.class);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new IllegalStateException(
        context.getRequiredTestClass().getName() + " has no @PythonPoolTest");
  }

  // ---- the pool's life

  @Override
  public void beforeAll(ExtensionContext context) {
    if (annotation(context).shared() && opened(context).isEmpty()) {
      open(context);
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    OpenPool pool = opened(context).orElseGet(() -> open(context));
    if (pool.script() != null) {
      pool.script().reset();
    }
    context.getStore(NAMESPACE).put(Integer.class, pool.mark());
    // Here and not when they are resolved: what a resolver throws is a failure in any case.
    for (Class<?> type : context.getRequiredTestMethod().getParameterTypes()) {
      if (OpenPool.knows(type)) {
        skipWithout(type, pool);
      }
    }
    inject(context, pool);
  }

  private static Optional<OpenPool> opened(ExtensionContext context) {
    return Optional.ofNullable(context.getStore(NAMESPACE).get(OpenPool.class, OpenPool.class));
  }

  private static OpenPool open(ExtensionContext context) {
    try {
      OpenPool pool = opener(context).open();
      context.getStore(NAMESPACE).put(OpenPool.class, pool);
      context.getStore(NAMESPACE).put(OWN, context.getUniqueId());
      return pool;
    } catch (TestAbortedException e) {
      if (context.getConfigurationParameter(REQUIRED).filter("true"::equals).isPresent()) {
        throw new IllegalStateException(
            e.getMessage() + " (and " + REQUIRED + "=true lets nothing be skipped)", e);
      }
      throw e;
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    closeOwn(context);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    closeOwn(context);
  }

  // A nested class and a test see the pool of those around them, and leave it alone.
  private static void closeOwn(ExtensionContext context) {
    if (context.getUniqueId().equals(context.getStore(NAMESPACE).get(OWN))) {
      opened(context).ifPresent(OpenPool::close);
      context.getStore(NAMESPACE).remove(OpenPool.class);
    }
  }

  // ---- what tests get

  private static void inject(ExtensionContext context, OpenPool pool) {
    for (Object test : context.getRequiredTestInstances().getAllInstances()) {
      for (Class<?> type = test.getClass(); type != null; type = type.getSuperclass()) {
        for (Field field : type.getDeclaredFields()) {
          inject(field, test, pool);
        }
      }
    }
  }

  private static void inject(Field field, Object test, OpenPool pool) {
    int modifiers = field.getModifiers();
    if (!OpenPool.knows(field.getType())
        || Modifier.isStatic(modifiers)
        || Modifier.isFinal(modifiers)) {
      return;
    }
    skipWithout(field.getType(), pool);
    try {
      field.setAccessible(true);
      field.set(test, pool.get(field.getType()));
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(field + " cannot be set", e);
    }
  }

  private static void skipWithout(Class<?> type, OpenPool pool) {
    pool.lacks(type)
        .ifPresent(
            reason -> {
              throw new TestAbortedException(reason);
            });
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return OpenPool.knows(parameter.getParameter().getType());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    OpenPool pool =
        opened(context)
            .orElseThrow(
                () ->
                    new ParameterResolutionException(
                        "with shared=false there is a pool for test methods only, not for "
                            + parameter.getDeclaringExecutable()));
    Class<?> type = parameter.getParameter().getType();
    return Optional.ofNullable(pool.get(type))
        .orElseThrow(() -> new ParameterResolutionException(pool.lacks(type).orElseThrow()));
  }

  // ---- what failures say

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw explained(context, failure);
  }

  @Override
  public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw explained(context, failure);
  }

  @Override
  public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw explained(context, failure);
  }

  private static Throwable explained(ExtensionContext context, Throwable failure) {
    Integer mark = context.getStore(NAMESPACE).get(Integer.class, Integer.class);
    if (!(failure instanceof TestAbortedException)) {
      opened(context)
          .filter(pool -> pool.workers() != null)
          .ifPresent(pool -> failure.addSuppressed(pool.log(mark == null ? 0 : mark)));
    }
    return failure;
  }
}
