// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.original.Original;

@Original("config")
@Tag("layer-1")
class PoolConfigTest {
  @Test
  void defaultsAreThoseOfTheSeeds() {
    PoolConfig config = PoolConfig.builder("default").build();
    int cores = Runtime.getRuntime().availableProcessors();

    assertThat(config.size()).isEqualTo(2 * cores);
    assertThat(config.maxSize()).isEqualTo(2 * cores + 2);
    assertThat(config.checkoutTimeout()).isEqualTo(Duration.ofSeconds(45));
    assertThat(config.operationTimeout()).isEqualTo(Duration.ofMinutes(2));
    assertThat(config.healthCheckInterval()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.maxRetries()).isEqualTo(3);
    assertThat(config.start()).isEqualTo(StartMode.EAGER);
    assertThat(config.startMethod()).isEqualTo(StartMethod.FORKSERVER);
    assertThat(config.faultTolerance()).isEqualTo(FaultToleranceMode.MICROPROFILE);
    assertThat(config.umask()).isEqualTo(0077);
  }

  @Test
  void maxSizeFollowsSizeUnlessSet() {
    assertThat(PoolConfig.builder("p").size(7).build().maxSize()).isEqualTo(9);
    assertThat(PoolConfig.builder("p").size(7).maxSize(7).build().maxSize()).isEqualTo(7);
  }

  @Test
  void allProblemsAreReportedTogether() {
    PoolConfigBuilder builder =
        PoolConfig.builder("p")
            .size(4)
            .maxSize(3)
            .checkoutTimeout(Duration.ZERO)
            .operationTimeout(Duration.ofSeconds(-1))
            .dumpSignal("SIGUSR1")
            .restartBackoffMin(Duration.ofSeconds(2))
            .restartBackoffMax(Duration.ofSeconds(1))
            .wheelhouse(Path.of("wheels"))
            .environment("1BAD", "x");

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(builder::build)
        .satisfies(
            e ->
                assertThat(e.problems())
                    .containsExactly(
                        "pool p: checkout-timeout=0s is refused; accepted: duration, as in 500ms,"
                            + " 30s or PT30S; positive",
                        "pool p: operation-timeout=-1s is refused; accepted: duration, as in 500ms,"
                            + " 30s or PT30S; positive",
                        "pool p: max-size=3 is refused; accepted: size (4) to 10000",
                        "pool p: dump-signal=SIGUSR1 is refused; accepted: another than"
                            + " cancel-signal",
                        "pool p: restart-backoff-max=1s is refused; accepted: restart-backoff-min"
                            + " (2s) or more",
                        "pool p: wheelhouse=wheels is refused without requirements, which it"
                            + " serves",
                        "pool p: environment.1BAD is refused; accepted: letters, digits and"
                            + " underscores, no digit first"));
  }

  @Test
  void poolNameIsRestricted() {
    for (String name : List.of("", "Ml", "a.b", "9", "a".repeat(33))) {
      assertThatExceptionOfType(ConfigException.class)
          .isThrownBy(() -> PoolConfig.builder(name).build())
          .withMessageStartingWith("pool name " + name + " is refused");
    }
  }

  @Test
  void prebuiltEnvironmentBesideRequirementsIsRefused(@TempDir Path venv) throws IOException {
    Files.createFile(venv.resolve("pyvenv.cfg"));
    Path python = Files.createDirectory(venv.resolve("bin")).resolve("python");
    PoolConfigBuilder builder = PoolConfig.builder("p").interpreter(python.toString());

    assertThat(builder.build().requirements()).isEmpty();
    builder.requirements(Path.of("requirements.lock"));
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(builder::build)
        .withMessageContaining("set one of the two");
  }

  @Test
  void cpuTimeOfACallIsRefusedWhereSeveralRunInAWorker() {
    PoolConfigBuilder builder =
        PoolConfig.builder("p").life(l -> l.maxCpu(Duration.ofSeconds(2)).callsPerWorker(4));

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(builder::build)
        .withMessageContaining("max-cpu=2s")
        .withMessageContaining("calls-per-worker=4");
    assertThat(builder.life(l -> l.callsPerWorker(1)).build().life().maxCpu()).hasSeconds(2);
  }

  @Test
  void slotNumberIsPutIntoTheEnvironment() {
    PoolConfig config =
        PoolConfig.builder("p").environment("CUDA_VISIBLE_DEVICES", "{slot}").build();

    assertThat(config.environment(5)).containsEntry("CUDA_VISIBLE_DEVICES", "5");
    assertThat(config.environment()).containsEntry("CUDA_VISIBLE_DEVICES", "{slot}");
  }

  @Test
  void textNamesVariablesButHidesTheirValues() {
    PoolConfig config = PoolConfig.builder("p").environment("API_KEY", "hush").build();

    assertThat(config.toString()).contains("API_KEY").doesNotContain("hush");
  }

  @Test
  void textShowsEverySettingAsAUserWouldWriteIt() {
    PoolConfig config = PoolConfig.builder("p").preload(List.of("numpy", "dspy")).build();

    assertThat(config.toString())
        .contains("umask=077", "preload=numpy,dspy", "checkout-timeout=45s", "start=eager");
    for (Setting<?> setting : KeyCatalogue.poolSettings()) {
      assertThat(config.toString()).contains(setting.key() + "=");
    }
  }

  @Test
  void copiesKeepEverySetting() {
    PoolConfig config =
        PoolConfig.builder("p")
            .size(3)
            .maxSize(5)
            .preload(List.of("numpy"))
            .nan(NanPolicy.ALLOW)
            .environment("A", "b")
            .build();

    PoolConfig copy = config.toBuilder().queueCapacity(1).build();

    assertThat(copy.queueCapacity()).isEqualTo(1);
    assertThat(copy.toBuilder().queueCapacity(config.queueCapacity()).build().toString())
        .isEqualTo(config.toBuilder().queueCapacity(1000).build().toString());
    assertThat(copy.preload()).containsExactly("numpy");
    assertThat(copy.environment()).containsEntry("A", "b");
  }
}
