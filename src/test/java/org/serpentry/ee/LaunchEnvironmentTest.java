// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("layer-1")
class LaunchEnvironmentTest {

  @Test
  void whatEveryProgramNeedsPassesAndNothingElse() {
    Map<String, String> server =
        Map.of(
            "PATH", "/bin",
            "HOME", "/home/app",
            "https_proxy", "http://proxy:3128",
            "NO_PROXY", "localhost",
            "SSL_CERT_FILE", "/etc/ca.pem",
            "DATABASE_PASSWORD", "secret",
            "PYTHONPATH", "/elsewhere",
            "LD_PRELOAD", "/tmp/x.so");

    assertThat(LaunchEnvironment.of(server, List.of()))
        .containsOnlyKeys("PATH", "HOME", "https_proxy", "NO_PROXY", "SSL_CERT_FILE")
        .containsEntry("PATH", "/bin");
  }

  @Test
  void whatTheSettingNamesPassesToo() {
    Map<String, String> server = Map.of("MODEL_KEY", "k", "MODEL_KEY_2", "other");

    assertThat(LaunchEnvironment.of(server, List.of("MODEL_KEY", "ABSENT")))
        .isEqualTo(Map.of("MODEL_KEY", "k"));
  }
}
