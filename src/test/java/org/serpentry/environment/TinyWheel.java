// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A wheelhouse with one tiny wheel and the requirements file that locks it. */
record TinyWheel(Path wheelhouse, Path requirements, String hash) {

  static TinyWheel in(Path directory) throws Exception {
    Path wheelhouse = Files.createDirectories(directory.resolve("wheelhouse"));
    Path wheel = wheelhouse.resolve("tinything-1.0-py3-none-any.whl");
    String info = "tinything-1.0.dist-info/";
    Map<String, String> files = new LinkedHashMap<>();
    files.put("tinything.py", "ANSWER = 42\n");
    files.put(info + "METADATA", "Metadata-Version: 2.1\nName: tinything\nVersion: 1.0\n");
    files.put(
        info + "WHEEL",
        "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
    StringBuilder record = new StringBuilder();
    files.keySet().forEach(name -> record.append(name).append(",,\n"));
    files.put(info + "RECORD", record.append(info).append("RECORD,,\n").toString());
    write(wheel, files);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(wheel));
    Path requirements = directory.resolve("requirements.lock");
    TinyWheel made = new TinyWheel(wheelhouse, requirements, HexFormat.of().formatHex(digest));
    made.lock(made.hash);
    return made;
  }

  /** Locks the wheel to a hash. */
  void lock(String sha256) throws IOException {
    Files.writeString(requirements, "tinything==1.0 --hash=sha256:" + sha256 + "\n");
  }

  private static void write(Path archive, Map<String, String> files) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
  }
}
