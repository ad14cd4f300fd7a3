// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Code directories of which every snapshot is a read-only copy: what is hashed is what is loaded,
 * and what has been loaded once can be loaded again, whatever has become of the files since.
 *
 * <p>Bytecode and whatever has a name that begins with a dot is left out. Links are followed.
 */
public final class PinnedCode implements CodeSource {
  private static final Logger LOG = System.getLogger(PinnedCode.class.getName());
  private static final long LARGE = 256L << 20;

  private final RuntimeFiles files;
  private final List<Path> changing;
  private int taken;

  PinnedCode(RuntimeFiles files, List<Path> changing) {
    this.files = files;
    this.changing = List.copyOf(changing);
  }

  @Override
  public CodeSnapshot take() throws IOException {
    int number = ++taken;
    if (changing.isEmpty()) {
      return new CodeSnapshot(number, List.of(files.modulesDirectory()), files.codeHash(List.of()));
    }
    Path target = place(number);
    try {
      Files.createDirectory(target);
      List<Path> copies = new ArrayList<>();
      for (Path directory : changing) {
        Path copy = Files.createDirectory(target.resolve(Integer.toString(copies.size())));
        copy(directory, copy);
        copies.add(copy);
      }
      files.seal(target);
      String hash = files.codeHash(copies);
      copies.add(files.modulesDirectory());
      return new CodeSnapshot(number, copies, hash);
    } catch (UncheckedIOException e) {
      RuntimeFiles.delete(target);
      throw e.getCause();
    } catch (IOException | RuntimeException e) {
      RuntimeFiles.delete(target);
      throw e;
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    long bytes = 0;
    for (Map.Entry<String, Path> file : CodeHash.files(from).entrySet()) {
      Path copy = to.resolve(file.getKey());
      Files.createDirectories(copy.getParent());
      Files.copy(file.getValue(), copy);
      bytes += Files.size(copy);
    }
    if (bytes > LARGE) {
      LOG.log(
          Level.WARNING,
          "The code directory {0} holds {1} MiB, all of which is copied at each start and reload; keep"
              + " data elsewhere",
          from,
          bytes >> 20);
    }
  }

  @Override
  public void discard(CodeSnapshot snapshot) throws IOException {
    RuntimeFiles.delete(place(snapshot.number()));
  }

  private Path place(int number) {
    return files.directory().resolve("generation-" + number);
  }

  @Override
  public String look() throws IOException {
    return CodeHash.look(changing);
  }
}
