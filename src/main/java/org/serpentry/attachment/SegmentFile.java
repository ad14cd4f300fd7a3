// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.Predicate;

/** The files behind segments, for as long as they have a name. */
final class SegmentFile {

  private static final Logger LOG = System.getLogger(SegmentFile.class.getName());
  private static final int CHUNK = 1 << 20;

  private SegmentFile() {}

  /**
   * Makes a file of zeros, mode 0600, and maps it. Every page is written: memory that is only
   * promised would be missed with a SIGBUS.
   */
  static MappedByteBuffer create(Path path, long size, String owner) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            path,
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(CHUNK, size));
      for (long left = size; left > 0; ) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), left));
        left -= file.write(zeros);
      }
      if (!owner.isEmpty()) {
        Files.setOwner(
            path,
            path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(owner));
      }
      return file.map(MapMode.READ_WRITE, 0, size);
    } catch (IOException | RuntimeException | Error e) {
      delete(path);
      throw e;
    }
  }

  /** Maps a file of somebody else's, read-only, when it is as large as was said. */
  static MappedByteBuffer open(Path path, long size) throws IOException {
    try (FileChannel file =
        FileChannel.open(path, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      if (file.size() < size) {
        throw new IOException(
            "segment %s has %d bytes, %d were announced"
                .formatted(path.getFileName(), file.size(), size));
      }
      return file.map(MapMode.READ_ONLY, 0, size);
    } finally {
      delete(path);
    }
  }

  /** Takes a file's name away. */
  static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "The segment " + path + " keeps its name until the next sweep", e);
    }
  }

  /** Takes the names of the files with a prefix away that are to go. */
  static void sweep(Path directory, String prefix, Predicate<String> goes) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, prefix + "*")) {
      for (Path file : files) {
        if (goes.test(file.getFileName().toString())) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "Segments in " + directory + " could not be swept", e);
    }
  }
}
