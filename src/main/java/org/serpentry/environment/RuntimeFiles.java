// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The runtime's and the application's Python modules as read-only files in a directory of mode
 * 0700, for one deployment. {@link #close} deletes them; what a killed server left is deleted when
 * the next one unpacks into the same parent.
 *
 * <p>Immutable once made.
 */
public final class RuntimeFiles implements AutoCloseable {
  private static final Logger LOG = System.getLogger(RuntimeFiles.class.getName());
  private static final String INDEX = "META-INF/serpentry/python.index";
  private static final String PREFIX = "META-INF/serpentry/python/";
  private static final String NAME = "code-";
  private static final String LOCK = ".lock";
  private static final String OWN = "rwx------";
  private static final String PREFIX_OF_THIS_JVM = NAME + thisJvm() + "-";

  private final Path directory;
  private final FileChannel lock;
  private final Readers readers;

  private RuntimeFiles(Path directory, FileChannel lock, Readers readers) {
    this.directory = directory;
    this.lock = lock;
    this.readers = readers;
  }

  /** Who may read what is unpacked. */
  public enum Readers {
    /** The server's account alone. */
    OWNER("rwx------", "r-x------", "r--------"),
    /** Every account, since the workers have one of their own; nobody may write. */
    EVERYBODY("rwxr-xr-x", "r-xr-xr-x", "r--r--r--");

    private final String top;
    private final String directories;
    private final String files;

    Readers(String top, String directories, String files) {
      this.top = top;
      this.directories = directories;
      this.files = files;
    }
  }

  /**
   * Unpacks for the server's own account.
   *
   * @param parent a lasting directory of the server's account; made when missing, mode 0700
   * @param loader finds the runtime, which travels in the same jar as this class
   * @param modules the application's own
   * @throws IOException the parent cannot be written, or a module not read
   */
  public static RuntimeFiles unpack(Path parent, ClassLoader loader, ModuleSource modules)
      throws IOException {
    return unpack(parent, loader, modules, Readers.OWNER);
  }

  /**
   * Unpacks.
   *
   * @param parent a lasting directory of the server's account; made when missing, mode 0700
   * @param loader finds the runtime, which travels in the same jar as this class
   * @param modules the application's own
   * @param readers who may read them; the parent's own mode is its owner's business
   * @throws IOException the parent cannot be written, or a module not read
   */
  public static RuntimeFiles unpack(
      Path parent, ClassLoader loader, ModuleSource modules, Readers readers) throws IOException {
    Files.createDirectories(
        parent, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWN)));
    sweep(parent);
    RuntimeFiles files = claim(parent, readers);
    try {
      Files.createDirectory(files.directory);
      Files.setPosixFilePermissions(files.directory, PosixFilePermissions.fromString(readers.top));
      files.write("runtime", ModuleSource.resources(loader, PREFIX, index(loader)));
      files.write("modules", modules);
      return files;
    } catch (IOException | RuntimeException problem) {
      files.close();
      throw problem;
    }
  }

  /**
   * Adds the runtime's modules compiled for an interpreter, which are kept in the parent for later
   * deployments, so that no process of it compiles them anew. Where that fails the log says so, and
   * each process compiles them.
   *
   * @param interpreter who is to run them; several may be added
   * @throws InterruptedException the thread was interrupted; the compiler has been ended
   */
  public void compile(PythonInterpreter interpreter) throws InterruptedException {
    try {
      add(new RuntimeBytecode(directory.getParent(), runtimeDirectory(), interpreter).get());
    } catch (IOException | UncheckedIOException e) {
      LOG.log(
          Level.INFO,
          "Each Python process compiles the runtime for itself, since its bytecode cannot be kept"
              + " below "
              + directory.getParent(),
          e);
    }
  }

  private void add(Map<String, byte[]> bytecode) throws IOException {
    Path root = runtimeDirectory();
    try {
      for (Map.Entry<String, byte[]> file : bytecode.entrySet()) {
        Path place = root.resolve(file.getKey());
        Files.setPosixFilePermissions(
            place.getParent().getParent(), PosixFilePermissions.fromString(OWN));
        Files.createDirectories(place.getParent());
        Files.write(place, file.getValue());
      }
    } catch (IOException | RuntimeException e) {
      for (String file : bytecode.keySet()) { // Half a file would fail the import.
        delete(root.resolve(file).getParent());
      }
      throw e;
    } finally {
      seal(root);
    }
  }

  /** Where the package {@code serpentry} lies. */
  public Path runtimeDirectory() {
    return directory.resolve("runtime");
  }

  /** Where the application's modules lie. */
  public Path modulesDirectory() {
    return directory.resolve("modules");
  }

  /**
   * The hash of the runtime, the application's modules and further code directories.
   *
   * @see CodeHash
   */
  public String codeHash(List<Path> codeDirectories) {
    return CodeHash.of(
        Stream.concat(Stream.of(runtimeDirectory(), modulesDirectory()), codeDirectories.stream())
            .toList());
  }

  /**
   * Further code directories, of which every snapshot is a copy among these files.
   *
   * @param codeDirectories directories of modules, searched before the application's own
   * @return their source; {@link #close} deletes whatever snapshots are left
   */
  public PinnedCode pin(List<Path> codeDirectories) {
    return new PinnedCode(this, codeDirectories);
  }

  Path directory() {
    return directory;
  }

  /** Deletes the files. Workers that still run keep what they have imported. */
  @Override
  public void close() throws IOException {
    Path mark = directory.resolveSibling(directory.getFileName() + LOCK);
    try (lock) {
      delete(directory);
      Files.deleteIfExists(mark);
    }
  }

  private void write(String name, ModuleSource source) throws IOException {
    Path root = Files.createDirectory(directory.resolve(name));
    for (Map.Entry<String, ModuleSource.Opener> module : source.modules().entrySet()) {
      Path file = root.resolve(module.getKey());
      Files.createDirectories(file.getParent());
      try (InputStream content = module.getValue().open()) {
        Files.copy(content, file);
      }
    }
    seal(root);
  }

  /** Takes the right to write from everything below a directory. */
  void seal(Path root) throws IOException {
    try (Stream<Path> found = Files.walk(root)) {
      for (Path path : (Iterable<Path>) found.sorted(Comparator.reverseOrder())::iterator) {
        String rights = Files.isDirectory(path) ? readers.directories : readers.files;
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(rights));
      }
    }
  }

  private static String thisJvm() {
    ProcessHandle self = ProcessHandle.current();
    long started = self.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    return self.pid() + "-" + started;
  }

  private static List<String> index(ClassLoader loader) throws IOException {
    try (InputStream content = ModuleSource.open(loader, INDEX)) {
      String text = new String(content.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().filter(line -> !line.isBlank()).toList();
    }
  }

  /** Takes a name of our own; its lock tells later sweeps, until we die, that it is in use. */
  private static RuntimeFiles claim(Path parent, Readers readers) throws IOException {
    while (true) {
      String name = PREFIX_OF_THIS_JVM + UUID.randomUUID().toString().substring(0, 8);
      Path mark = parent.resolve(name + LOCK);
      FileChannel channel =
          FileChannel.open(mark, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      if (channel.tryLock() != null && Files.exists(mark)) {
        return new RuntimeFiles(parent.resolve(name), channel, readers);
      }
      channel.close(); // another server swept the mark before it was locked
    }
  }

  private static void sweep(Path parent) throws IOException {
    try (DirectoryStream<Path> marks = Files.newDirectoryStream(parent, NAME + "*" + LOCK)) {
      for (Path mark : marks) {
        String name = mark.getFileName().toString();
        // Merely closing a file drops every lock that this process has on it: our own stay
        // unopened.
        if (name.startsWith(PREFIX_OF_THIS_JVM)) {
          continue;
        }
        try (FileChannel channel = FileChannel.open(mark, StandardOpenOption.WRITE);
            FileLock held = channel.tryLock()) {
          if (held != null) {
            delete(parent.resolve(name.substring(0, name.length() - LOCK.length())));
            Files.deleteIfExists(mark);
          }
        } catch (NoSuchFileException gone) {
          // Its owner, or another sweep, was faster.
        }
      }
    }
  }

  static void delete(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> found = Files.walk(root)) { // A link may lead to what is not ours.
      Stream<Path> own = found.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS));
      for (Path path : (Iterable<Path>) own::iterator) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(OWN));
      }
    }
    try (Stream<Path> found = Files.walk(root)) {
      for (Path path : (Iterable<Path>) found.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(path);
      }
    }
  }
}
