// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Tells whether two workers run the same code. */
public final class CodeHash {
  private CodeHash() {}

  /**
   * SHA-256, in hex, over the directories in their order: of each file, sorted by relative path,
   * the path and the content with their lengths. Bytecode and whatever has a name that begins with
   * a dot is left out; links are followed; a directory that is missing counts as empty.
   *
   * @throws UncheckedIOException a file cannot be read
   */
  public static String of(List<Path> directories) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path directory : directories) {
        Map<String, Path> files = files(directory);
        digest.update(length(files.size()));
        for (Map.Entry<String, Path> file : files.entrySet()) {
          byte[] name = file.getKey().getBytes(StandardCharsets.UTF_8);
          byte[] content = Files.readAllBytes(file.getValue());
          digest.update(length(name.length));
          digest.update(name);
          digest.update(length(content.length));
          digest.update(content);
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }

  /** The files below a directory by relative path with slashes, sorted, as {@link #of} has them. */
  static Map<String, Path> files(Path directory) throws IOException {
    Map<String, Path> files = new TreeMap<>();
    if (!Files.isDirectory(directory)) {
      return files;
    }
    // Followed, since Python's import follows them: Kubernetes mounts a whole directory as links.
    try (Stream<Path> found = Files.walk(directory, FileVisitOption.FOLLOW_LINKS)) {
      for (Path file : (Iterable<Path>) found.filter(Files::isRegularFile)::iterator) {
        String name = directory.relativize(file).toString().replace('\\', '/');
        if (!name.endsWith(".pyc") && !name.contains("__pycache__/") && !hidden(name)) {
          files.put(name, file);
        }
      }
    } catch (UncheckedIOException problem) {
      throw problem.getCause();
    }
    return files;
  }

  private static boolean hidden(String name) {
    return name.startsWith(".") || name.contains("/.");
  }

  /** Names, sizes and times of the same files; empty when there are no directories. */
  static String look(List<Path> directories) throws IOException {
    StringBuilder seen = new StringBuilder();
    for (Path directory : directories) {
      seen.append(directory).append('\n');
      for (Map.Entry<String, Path> file : files(directory).entrySet()) {
        BasicFileAttributes facts =
            Files.readAttributes(file.getValue(), BasicFileAttributes.class);
        seen.append(file.getKey()).append(' ').append(facts.size()).append(' ');
        seen.append(facts.lastModifiedTime()).append(' ').append(facts.fileKey()).append('\n');
      }
    }
    return seen.toString();
  }

  private static byte[] length(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }
}
