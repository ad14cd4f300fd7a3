// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("core-pool")
@Tag("layer-1")
class BegunWordsTest {

  private static final long DONE = 1L << 63;

  @TempDir Path directory;
  private BegunWords words;

  @BeforeEach
  void create() throws IOException {
    words = BegunWords.create(directory, 3, 1);
  }

  private void write(int offset, long value) throws IOException {
    try (FileChannel file = FileChannel.open(words.path(), StandardOpenOption.WRITE)) {
      file.write(
          ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(value).flip(), offset);
    }
  }

  @Test
  void seesWhatAnotherProcessWrites() throws IOException {
    int word = words.claim();
    assertThat(word % 8).isZero();
    assertThat(words.begun(word)).containsExactly(0);
    write(word, 41);
    assertThat(words.begun(word)).containsExactly(41);
    write(word, 42 | DONE);
    assertThat(words.begun(word)).as("an answered call had begun").containsExactly(42);
  }

  @Test
  void givesEveryWorkerAWordOfItsOwnAndClearsItFirst() throws IOException {
    int first = words.claim();
    int second = words.claim();
    assertThat(second).isNotEqualTo(first);
    write(first, 7);
    words.release(first);
    int again = words.claim();
    assertThat(again).isEqualTo(first);
    assertThat(words.begun(again)).containsExactly(0);
  }

  @Test
  void saysWhenAllAreInUse() {
    words.claim();
    words.claim();
    words.claim();
    assertThatIllegalStateException().isThrownBy(words::claim).withMessageContaining("3");
  }

  @Test
  void isNobodyElsesToRead() throws IOException {
    assertThat(Files.getPosixFilePermissions(words.path()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void remembersWhatADeadWorkerHadBegunWhenItsWordServesAnother() throws IOException {
    Worker dead = new Worker(1, 0, 1, words, Clock.systemUTC());
    write(dead.word(), 5);
    assertThat(dead.hasBegun(5)).isTrue();
    assertThat(dead.hasBegun(6)).isFalse();
    dead.exited(ExitReport.unseen("test"));
    Worker next = new Worker(2, 0, 1, words, Clock.systemUTC());
    assertThat(next.word()).isEqualTo(dead.word());
    write(next.word(), 6);
    assertThat(dead.hasBegun(5)).isTrue();
    assertThat(dead.hasBegun(6)).isFalse();
    assertThat(next.hasBegun(6)).isTrue();
  }

  @Test
  void givesAWorkerWithSeveralPlacesTwoWordsForEach() throws IOException {
    Path other = Files.createDirectory(directory.resolve("several"));
    words = BegunWords.create(other, 2, 5);
    Worker first = new Worker(1, 0, 1, words, Clock.systemUTC());
    Worker second = new Worker(2, 1, 1, words, Clock.systemUTC());
    assertThat(words.begun(first.word())).hasSize(10);
    assertThat(second.word() - first.word()).isGreaterThanOrEqualTo(10 * Long.BYTES);
    write(first.word() + 3 * 8, 17);
    write(first.word() + 9 * 8, 18 | DONE);
    assertThat(first.hasBegun(17)).isTrue();
    assertThat(first.hasBegun(18)).isTrue();
    assertThat(first.hasBegun(19)).isFalse();
    assertThat(second.hasBegun(17)).isFalse();
    first.exited(ExitReport.unseen("test"));
    assertThat(words.claim()).isEqualTo(first.word());
    assertThat(words.begun(first.word())).containsOnly(0);
    assertThat(first.hasBegun(17)).isTrue();
  }
}
