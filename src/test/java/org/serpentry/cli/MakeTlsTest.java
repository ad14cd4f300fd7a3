// SPDX-License-Identifier: Apache-2.0
package org.serpentry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/payara-micro/make-tls.sh}, run as an operator runs it, also again. */
@Tag("layer-1")
class MakeTlsTest {
  private static final String KEY = "jmxremote.p12";
  private static final String SETTINGS = "jmxremote.ssl";
  private static final String TRUST = "jmx-trust.jks";

  @TempDir Path directory;
  private Path keys;

  @BeforeEach
  void name() {
    keys = directory.resolve("of the server");
  }

  private record Ran(int status, String out, String err) {}

  private Ran make(Map<String, String> variables) throws Exception {
    Path script = Path.of("deploy/payara-micro/make-tls.sh").toAbsolutePath();
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder process =
        new ProcessBuilder(script.toString(), "of the server")
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    process.environment().put("JAVA_HOME", System.getProperty("java.home"));
    process.environment().putAll(variables);
    int status = process.start().waitFor();
    return new Ran(status, Files.readString(out), Files.readString(err));
  }

  private Set<String> files() throws Exception {
    try (Stream<Path> files = Files.list(keys)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  private Map<String, byte[]> contents() throws Exception {
    Map<String, byte[]> contents = new HashMap<>();
    for (String file : files()) {
      contents.put(file, Files.readAllBytes(keys.resolve(file)));
    }
    return contents;
  }

  private void assertClientsTrustTheKey() throws Exception {
    Properties settings = new Properties();
    try (InputStream file = Files.newInputStream(keys.resolve(SETTINGS))) {
      settings.load(file);
    }
    Path key = Path.of(settings.getProperty("javax.net.ssl.keyStore"));
    char[] password = settings.getProperty("javax.net.ssl.keyStorePassword").toCharArray();
    assertThat(key).isAbsolute().isEqualTo(keys.toRealPath().resolve(KEY));
    KeyStore server = KeyStore.getInstance(key.toFile(), password);
    KeyStore clients = KeyStore.getInstance("JKS");
    try (InputStream file = Files.newInputStream(keys.resolve(TRUST))) {
      clients.load(file, null); // As a client that was told no password.
    }
    assertThat(server.getKey("jmx", password)).isNotNull();
    assertThat(clients.getCertificate("jmx")).isNotNull().isEqualTo(server.getCertificate("jmx"));
    assertThat(files()).containsExactlyInAnyOrder(KEY, SETTINGS, TRUST);
    for (String secret : Set.of(KEY, SETTINGS)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys.resolve(secret))))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void aKeyThatIsThereStaysAndOneThatHasBeenRemovedIsMadeAnewForServerAndClients()
      throws Exception {
    assertThat(make(Map.of("HOST", "192.0.2.7"))).satisfies(ran -> assertThat(ran.err()).isEmpty());
    assertClientsTrustTheKey();
    Map<String, byte[]> first = contents();

    Ran again = make(Map.of());
    assertThat(again.status()).isEqualTo(1);
    assertThat(again.err()).contains(keys.toRealPath().resolve(KEY) + " exists already");
    assertThat(contents()).usingRecursiveComparison().isEqualTo(first);

    Files.delete(keys.resolve(KEY));
    Files.setPosixFilePermissions(
        keys.resolve(SETTINGS), PosixFilePermissions.fromString("rw-r--r--"));
    Ran anew = make(Map.of("HOST", "app1.example.org"));
    assertThat(anew.status()).as(anew.err()).isZero();
    assertThat(anew.out()).contains(keys.toRealPath().resolve(SETTINGS).toString());
    assertClientsTrustTheKey();
    assertThat(contents().get(TRUST)).isNotEqualTo(first.get(TRUST));
  }

  @Test
  void whatKeytoolRefusesIsToldAndNothingIsLeft() throws Exception {
    Ran ran = make(Map.of("HOST", "no,name"));

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.err()).contains("keytool error", "nothing has been made");
    assertThat(files()).isEmpty();
  }
}
