// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The runtime's modules compiled, once for each runtime and each release of Python, in a directory
 * beside the unpacked files that outlasts them: without it each launcher and each spawned worker
 * compiles them anew. What is kept has a checksum, is written under another name first, and is used
 * only if nobody but the server's account can have written it. Immutable; any thread.
 */
final class RuntimeBytecode {

  private static final Logger LOG = System.getLogger(RuntimeBytecode.class.getName());
  private static final String NAME = "bytecode-";
  private static final String UNFINISHED = ".new";
  private static final String SUM = "sha256";
  private static final String OWN = "rwx------";
  private static final Duration KEPT_UNUSED = Duration.ofDays(30);
  private static final Duration LONGEST_BUILD = Duration.ofHours(1);
  private static final int LIMIT_SECONDS = 60;

  /** Unchecked: the name holds the hash of the sources, whose times differ at each deployment. */
  private static final String COMPILE =
      """
      import importlib.util, pathlib, py_compile, sys
      sources, target = map(pathlib.Path, sys.argv[1:])
      for file in sources.rglob("*.py"):
          name = str(file.relative_to(sources))
          made = target / importlib.util.cache_from_source(name, optimization="")
          mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
          py_compile.compile(str(file), str(made), name, doraise=True, invalidation_mode=mode)
      """;

  private final Path parent;
  private final Path sources;
  private final PythonInterpreter interpreter;

  /**
   * Of a runtime.
   *
   * @param parent where it is kept
   * @param sources the unpacked runtime
   * @param interpreter who is to run it
   */
  RuntimeBytecode(Path parent, Path sources, PythonInterpreter interpreter) {
    this.parent = parent;
    this.sources = sources;
    this.interpreter = interpreter;
  }

  /**
   * Finds it, or compiles.
   *
   * @return the files' contents by relative path
   * @throws IOException it can neither be found nor made
   * @throws InterruptedException the thread was interrupted; the compiler has been ended
   */
  Map<String, byte[]> get() throws IOException, InterruptedException {
    Path kept =
        parent.resolve(
            "%s%s-%s-%s"
                .formatted(
                    NAME,
                    interpreter.implementation().toLowerCase(Locale.ROOT),
                    interpreter.version(),
                    CodeHash.of(List.of(sources)).substring(0, 32)));
    Map<String, byte[]> files = read(kept);
    if (files.isEmpty()) {
      make(kept);
      files = read(kept);
      sweep(kept);
    }
    if (files.isEmpty()) {
      throw new IOException(kept + " is not what has been written there");
    }
    Files.setLastModifiedTime(kept, FileTime.from(Instant.now()));
    return files;
  }

  /** Empty when it is missing, damaged or not our own. */
  private Map<String, byte[]> read(Path kept) throws IOException {
    if (!Files.isDirectory(kept, LinkOption.NOFOLLOW_LINKS) || !own(kept)) {
      return Map.of();
    }
    Map<String, byte[]> files = contents(kept);
    byte[] sum = files.remove(SUM);
    boolean whole = sum != null && sum(files).equals(new String(sum, StandardCharsets.US_ASCII));
    return whole ? files : Map.of();
  }

  private boolean own(Path kept) throws IOException {
    PosixFileAttributes facts =
        Files.readAttributes(kept, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return facts.owner().equals(Files.getOwner(sources))
        && !facts.permissions().contains(PosixFilePermission.GROUP_WRITE)
        && !facts.permissions().contains(PosixFilePermission.OTHERS_WRITE);
  }

  private static Map<String, byte[]> contents(Path directory) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> found = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) found.filter(Files::isRegularFile)::iterator) {
        files.put(directory.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return files;
  }

  private static String sum(Map<String, byte[]> files) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        digest.update(
            "%s %d\n"
                .formatted(file.getKey(), file.getValue().length)
                .getBytes(StandardCharsets.UTF_8));
        digest.update(file.getValue());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }

  private void make(Path kept) throws IOException, InterruptedException {
    Path made = parent.resolve(NAME + UUID.randomUUID() + UNFINISHED);
    Files.createDirectory(
        made, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWN)));
    try {
      compile(made);
      Files.writeString(made.resolve(SUM), sum(contents(made)), StandardCharsets.US_ASCII);
      if (Files.exists(kept, LinkOption.NOFOLLOW_LINKS) && read(kept).isEmpty()) {
        RuntimeFiles.delete(kept);
      }
      publish(made, kept);
    } catch (IOException | InterruptedException | RuntimeException e) {
      RuntimeFiles.delete(made);
      throw e;
    }
  }

  private static void publish(Path made, Path kept) throws IOException {
    try {
      Files.move(made, kept, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!Files.isDirectory(kept, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
      RuntimeFiles.delete(made); // Another server has made the same meanwhile.
    }
  }

  private void compile(Path target) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                interpreter.executable().toString(),
                "-I",
                "-B",
                "-c",
                COMPILE,
                sources.toAbsolutePath().toString(),
                target.toAbsolutePath().toString())
            .redirectErrorStream(true)
            .start();
    try {
      process.getOutputStream().close();
      // What it prints fits into the pipe, so it may be read after the end.
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("it was not compiled within " + LIMIT_SECONDS + " s");
      }
      String output =
          new String(process.getInputStream().readNBytes(64 * 1024), StandardCharsets.UTF_8);
      if (process.exitValue() != 0) {
        throw new IOException(
            "the compiler ended with status %d: %s".formatted(process.exitValue(), output.strip()));
      }
    } finally {
      process.destroyForcibly();
    }
  }

  /** Deletes what nobody has used for long, and what a killed server left half-made. */
  private void sweep(Path kept) throws IOException {
    Instant now = Instant.now();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, NAME + "*")) {
      for (Path other : found) {
        Duration limit = other.toString().endsWith(UNFINISHED) ? LONGEST_BUILD : KEPT_UNUSED;
        if (!other.equals(kept) && lastUsed(other).isBefore(now.minus(limit))) {
          discard(other);
        }
      }
    }
  }

  /** Another's, or one that another sweep deletes as well, is no reason to do without our own. */
  private static void discard(Path other) {
    try {
      RuntimeFiles.delete(other);
    } catch (IOException | UncheckedIOException e) {
      LOG.log(Level.DEBUG, "Bytecode that nobody uses could not be deleted: " + other, e);
    }
  }

  private static Instant lastUsed(Path directory) throws IOException {
    try {
      return Files.getLastModifiedTime(directory, LinkOption.NOFOLLOW_LINKS).toInstant();
    } catch (NoSuchFileException gone) {
      return Instant.MAX; // Another sweep was faster.
    }
  }
}
