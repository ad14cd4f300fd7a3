// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The bills of materials in the WAR against what the WAR holds. */
@Tag("layer-1")
class SbomIT {
  private static final String PLACE = "META-INF/sbom/";
  private static final String LIBRARIES = "WEB-INF/lib/";
  private static final String PYTHON = "WEB-INF/classes/META-INF/serpentry/python/";

  @Test
  void everyLibraryInTheWarIsListedWithItsHashAndNothingElseIs() throws Exception {
    try (ZipFile war = new ZipFile(System.getProperty("itest.war"))) {
      assumeTrue(
          war.getEntry(PLACE + "java.cdx.json") != null,
          "the WAR was built by mvn -o, and cyclonedx-maven-plugin only works online");
      Map<String, String> listed =
          components(war, "java.cdx.json", "library").stream()
              .collect(
                  Collectors.toMap(
                      each -> each.getString("name") + "-" + each.getString("version") + ".jar",
                      SbomIT::hash));

      assertThat(listed).isEqualTo(hashes(war, LIBRARIES)).isNotEmpty();
    }
  }

  @Test
  void everyFileOfThePythonRuntimeIsListedWithItsHashAndNothingElseIs() throws Exception {
    try (ZipFile war = new ZipFile(System.getProperty("itest.war"))) {
      Map<String, String> listed =
          components(war, "python.cdx.json", "file").stream()
              .collect(
                  Collectors.toMap(
                      each -> each.getString("name").substring(PYTHON.length()), SbomIT::hash));

      assertThat(listed).isEqualTo(hashes(war, PYTHON)).isNotEmpty();
      assertThat(components(war, "python.cdx.json", "library"))
          .extracting(each -> each.getString("name"))
          .contains("dspy", "numpy");
    }
  }

  private static List<JsonObject> components(ZipFile war, String file, String type)
      throws IOException {
    try (InputStream in = war.getInputStream(war.getEntry(PLACE + file))) {
      JsonObject bill = Json.createReader(in).readObject();
      assertThat(bill.getString("bomFormat")).isEqualTo("CycloneDX");
      return bill.getJsonArray("components").getValuesAs(JsonObject.class).stream()
          .filter(each -> each.getString("type").equals(type))
          .toList();
    }
  }

  private static String hash(JsonObject component) {
    return component.getJsonArray("hashes").getValuesAs(JsonObject.class).stream()
        .filter(each -> each.getString("alg").equals("SHA-256"))
        .map(each -> each.getString("content"))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no SHA-256 of " + component));
  }

  private static Map<String, String> hashes(ZipFile war, String below) throws Exception {
    Map<String, String> hashes = new TreeMap<>();
    for (ZipEntry entry : war.stream().toList()) {
      if (entry.getName().startsWith(below) && !entry.isDirectory()) {
        try (InputStream in = war.getInputStream(entry)) {
          byte[] digest = MessageDigest.getInstance("SHA-256").digest(in.readAllBytes());
          hashes.put(entry.getName().substring(below.length()), HexFormat.of().formatHex(digest));
        }
      }
    }
    return hashes;
  }
}
