// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("core-pool")
@Tag("layer-1")
class KillersTest {

  private static final String OUTSIDE = "killed from outside";

  @TempDir Path root;

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void events(String file, long kills) throws IOException {
    write(file, "low 0\nhigh 0\nmax 7\noom 9\noom_kill %d\noom_group_kill 0\n".formatted(kills));
  }

  private Killers killers() {
    return new Killers(new OomEvidence(root), false);
  }

  @Test
  void namesWantOfMemoryOnTheCountOfAVersion2Group() throws IOException {
    write("proc/self/cgroup", "0::/system.slice/server.service\n");
    String file = "sys/fs/cgroup/system.slice/server.service/memory.events";
    events(file, 4);
    Killers killers = killers();
    assertThat(killers.of(1, "SIGKILL")).isEqualTo(OUTSIDE);
    events(file, 5);
    assertThat(killers.of(2, "SIGKILL")).contains("out of memory");
    assertThat(killers.of(3, "SIGKILL")).as("the one kill is spent").isEqualTo(OUTSIDE);
  }

  @Test
  void prefersTheGroupsOwnCountToThatOfItsTree() throws IOException {
    write("proc/self/cgroup", "0::/a\n");
    events("sys/fs/cgroup/a/memory.events.local", 1);
    events("sys/fs/cgroup/a/memory.events", 50);
    assertThat(new OomEvidence(root).kills()).isEqualTo(1);
  }

  @Test
  void readsAVersion1GroupBesideAVersion2Hierarchy() throws IOException {
    write("proc/self/cgroup", "9:name=systemd:/x\n4:cpu,memory:/docker/abc\n0::/\n");
    String file = "sys/fs/cgroup/memory/docker/abc/memory.oom_control";
    write(file, "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
    Killers killers = killers();
    write(file, "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
    assertThat(killers.of(1, "SIGKILL")).contains("out of memory");
  }

  @Test
  void findsItsGroupMountedAsTheRootInsideAContainer() throws IOException {
    write("proc/self/cgroup", "4:memory:/docker/abc\n");
    write("sys/fs/cgroup/memory/memory.oom_control", "oom_kill 6\n");
    assertThat(new OomEvidence(root).kills()).isEqualTo(6);
    write("proc/self/cgroup", "0::/docker/abc\n");
    events("sys/fs/cgroup/memory.events", 8);
    assertThat(new OomEvidence(root).kills()).isEqualTo(8);
  }

  @Test
  void hasNoEvidenceWhereNothingTells() throws IOException {
    assertThat(new OomEvidence(root).kills()).isEqualTo(-1);
    Killers killers = killers();
    assertThat(killers.of(1, "SIGKILL")).isEqualTo(OUTSIDE);
    write("proc/self/cgroup", "0::/\n");
    Killers later = killers();
    events("sys/fs/cgroup/memory.events", 3);
    assertThat(later.of(1, "SIGKILL")).as("no count from before").isEqualTo(OUTSIDE);
  }

  @Test
  void dropsEvidenceThatNoDeathFollowed() throws IOException {
    write("proc/self/cgroup", "0::/\n");
    events("sys/fs/cgroup/memory.events", 0);
    Killers killers = killers();
    events("sys/fs/cgroup/memory.events", 1);
    killers.age();
    events("sys/fs/cgroup/memory.events", 2);
    killers.age();
    assertThat(killers.of(1, "SIGKILL")).as("the younger kill").contains("out of memory");
    assertThat(killers.of(2, "SIGKILL")).as("the older kill").isEqualTo(OUTSIDE);
  }

  @Test
  void saysNothingOfThePoolsOwnKillsAndOfOtherEnds() {
    Killers killers = killers();
    killers.poolKills(1, "");
    killers.poolKills(1, "a later reason");
    assertThat(killers.of(1, "SIGKILL")).isEmpty();
    killers.poolKills(5, "too slow");
    assertThat(killers.of(5, "SIGKILL")).isEqualTo("too slow");
    assertThat(killers.of(5, "SIGKILL")).as("asked again").isEqualTo(OUTSIDE);
    assertThat(killers.of(2, "SIGSEGV")).isEmpty();
    assertThat(killers.of(3, null)).isEmpty();
    assertThat(new Killers(new OomEvidence(root), true).of(4, "SIGKILL")).contains("max-cpu");
  }
}
