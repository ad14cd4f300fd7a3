// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static javax.management.MBeanOperationInfo.ACTION;
import static javax.management.MBeanOperationInfo.ACTION_INFO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import javax.management.NotificationBroadcasterSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.config.OperationPolicy;
import org.serpentry.telemetry.RecordingLoggers;

@Tag("layer-1")
class GateTest {
  private final RecordingLoggers loggers = new RecordingLoggers(() -> {});

  private static Impact impact(String operation, Class<?>... parameters) {
    try {
      return PythonPoolOperations.class
          .getMethod(operation, parameters)
          .getAnnotation(Impact.class);
    } catch (NoSuchMethodException e) {
      throw new AssertionError(e);
    }
  }

  private Gate gate(OperationPolicy policy) {
    return new Gate(policy, "ml", loggers.apply("serpentry.audit"));
  }

  private String through(OperationPolicy policy, Impact impact) throws Exception {
    return gate(policy).pass("it()", impact, () -> "through");
  }

  @Test
  void allLetsEverythingThroughAndSafeOnlyWhatHarmsNoCall() throws Exception {
    Impact kill = impact("killWorker", int.class);
    Impact resize = impact("resize", int.class);

    assertThat(through(OperationPolicy.ALL, kill)).isEqualTo("through");
    assertThat(through(OperationPolicy.ALL, null)).isEqualTo("through");
    assertThat(through(OperationPolicy.SAFE, resize)).isEqualTo("through");
    assertThatThrownBy(() -> through(OperationPolicy.SAFE, kill))
        .isInstanceOf(SecurityException.class)
        .hasMessageContaining("serpentry.management.operations=safe");
    assertThatThrownBy(() -> through(OperationPolicy.SAFE, null))
        .isInstanceOf(SecurityException.class);
  }

  @Test
  void noneLetsOnlyLooksThrough() throws Exception {
    Impact export =
        PoolSettingsMXBean.class.getMethod("exportSettings").getAnnotation(Impact.class);

    assertThat(through(OperationPolicy.NONE, export)).isEqualTo("through");
    assertThatThrownBy(() -> through(OperationPolicy.NONE, impact("resize", int.class)))
        .isInstanceOf(SecurityException.class)
        .hasMessageContaining("serpentry.management.operations=none");
  }

  @Test
  void stacksAreForWhoMayOperateSinceServersLetReadersRunWhatOnlyInforms() throws Exception {
    Impact dump = impact("dumpPythonStacks");

    assertThat(dump.value()).isEqualTo(ACTION_INFO);
    assertThat(through(OperationPolicy.SAFE, dump)).isEqualTo("through");
    assertThatThrownBy(() -> through(OperationPolicy.NONE, dump))
        .isInstanceOf(SecurityException.class)
        .hasMessageContaining("serpentry.management.operations=none");
  }

  @Test
  void secretsStandInNoRecordOfAnOperation() throws Exception {
    List<String> given = new ArrayList<>();
    DescribedMBean bean =
        new DescribedMBean(
            (KeysMXBean) given::add,
            KeysMXBean.class,
            new NotificationBroadcasterSupport(),
            gate(OperationPolicy.ALL));

    bean.invoke(
        "replaceKey", new Object[] {"sk-very-secret"}, new String[] {String.class.getName()});

    assertThat(given).containsExactly("sk-very-secret");
    assertThat(loggers.entries()).hasSize(1);
    assertThat(loggers.entries().get(0)).contains("replaceKey(…)").doesNotContain("secret");
  }

  /** A bean with a secret. */
  @Description("Keys.")
  public interface KeysMXBean {
    @Description("Sets the key.")
    @Impact(ACTION)
    void replaceKey(@Named("key") @Description("The key.") @Secret String key);
  }

  @Test
  void noPasswordInAnAddressIsRecorded() throws Exception {
    gate(OperationPolicy.ALL)
        .pass("replaceLm(, https://me:hunter2@lm/v1, …)", impact("resume"), () -> true);

    assertThat(loggers.entries().get(0)).contains("https://…@lm/v1").doesNotContain("hunter2");
  }

  @Test
  void everyOperationLeavesALineThatArgumentsCannotForge() throws Exception {
    Gate gate = gate(OperationPolicy.SAFE);
    gate.pass("endSession(a\n[ml] resize(9) by root: done)", impact("resume"), () -> true);
    assertThatThrownBy(() -> gate.pass("suspend()", impact("suspend"), () -> null))
        .isInstanceOf(SecurityException.class);
    assertThatThrownBy(
            () ->
                gate.pass(
                    "resize(0)",
                    impact("resize", int.class),
                    () -> {
                      throw new IllegalArgumentException("not 0");
                    }))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(loggers.entries()).hasSize(3).noneMatch(line -> line.contains("\n"));
    assertThat(loggers.entries().get(0))
        .startsWith("INFO serpentry.audit: [ml] endSession(a\\n[ml] resize(9)")
        .contains(" by unknown (thread ")
        .endsWith(": done");
    assertThat(loggers.entries().get(1))
        .startsWith("WARNING")
        .contains("suspend()", "refused by serpentry.management.operations=safe");
    assertThat(loggers.entries().get(2)).contains("resize(0)").endsWith(": failed");
  }
}
