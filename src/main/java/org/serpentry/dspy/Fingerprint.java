// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** A hash over texts that keeps their borders. For one thread, once. */
final class Fingerprint {

  private final MessageDigest digest;

  Fingerprint() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  Fingerprint add(String text) {
    byte[] bytes = String.valueOf(text).getBytes(StandardCharsets.UTF_8);
    count(bytes.length);
    digest.update(bytes);
    return this;
  }

  Fingerprint add(List<ProgramField> fields) {
    count(fields.size());
    fields.forEach(field -> add(field.name()).add(field.type()).add(field.description()));
    return this;
  }

  Fingerprint addTexts(List<String> texts) {
    count(texts.size());
    texts.forEach(this::add);
    return this;
  }

  private void count(int number) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(number).flip());
  }

  String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
