// SPDX-License-Identifier: Apache-2.0
package org.serpentry.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.Outcome;
import org.serpentry.config.CircuitGroups;
import org.serpentry.spi.PoolListener.CallEnd;
import org.serpentry.spi.PoolListener.WorkerRef;

/** What is counted of calls for the histogram. */
@Tag("layer-1")
class CallTimesTest {
  private static final WorkerRef WORKER = new WorkerRef("test", 0, 1, 4711);

  private final CallTimes times = new CallTimes(new CircuitGroups(List.of("module")));

  @Test
  void aCallFallsIntoTheBucketOfItsDurationWhoseBoundBelongsToIt() {
    end("m:f", Outcome.SUCCESS, TimeUnit.MILLISECONDS.toNanos(1));
    end("m:f", Outcome.SUCCESS, TimeUnit.MILLISECONDS.toNanos(1) + 1);
    end("m:f", Outcome.SUCCESS, TimeUnit.HOURS.toNanos(1));

    CallTimes.Counted counted = times.counted().get(0);
    assertThat(count(counted, 0.001)).isEqualTo(1);
    assertThat(count(counted, 0.0025)).isEqualTo(1);
    assertThat(count(counted, Double.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(counted.seconds()).isEqualTo(3600.002000001);
  }

  @Test
  void groupsAndOutcomesAreToldApartAndWhatNeverHappenedIsLeftOut() {
    end("reviews:score", Outcome.SUCCESS, 1);
    end("reviews:explain", Outcome.SUCCESS, 1);
    end("reviews:score", Outcome.TIMED_OUT, 1);
    end("chat:reply", Outcome.PYTHON_ERROR, 1);

    assertThat(times.counted())
        .extracting(CallTimes.Counted::group, CallTimes.Counted::outcome, CallTimesTest::all)
        .containsExactly(
            tuple("chat", Outcome.PYTHON_ERROR, 1L),
            tuple("reviews", Outcome.SUCCESS, 2L),
            tuple("reviews", Outcome.TIMED_OUT, 1L));
  }

  @Test
  void namedGroupsAreThoseOfTheCircuitsAndWithoutAnyTheModuleIs() {
    CallTimes named = new CallTimes(new CircuitGroups(List.of("slow=reviews:ex*")));
    named.onCallEnd(new CallEnd(WORKER, 1, "reviews:explain", Outcome.SUCCESS, 1));
    named.onCallEnd(new CallEnd(WORKER, 2, "reviews:score", Outcome.SUCCESS, 1));

    assertThat(named.counted())
        .extracting(CallTimes.Counted::group)
        .containsExactly("reviews", "slow");
  }

  @Test
  void callersCannotMakeGroupsWithoutEnd() {
    for (int i = 0; i < 10 * CallTimes.MOST_GROUPS; i++) {
      end("module" + i + ":f", Outcome.SUCCESS, 1);
    }
    end("module0:f", Outcome.SUCCESS, 1);

    List<CallTimes.Counted> counted = times.counted();
    assertThat(counted).hasSize(CallTimes.MOST_GROUPS + 1);
    assertThat(counted)
        .filteredOn(each -> each.group().equals(CallTimes.OTHER))
        .singleElement()
        .satisfies(other -> assertThat(all(other)).isEqualTo(9L * CallTimes.MOST_GROUPS));
    assertThat(counted.stream().mapToLong(CallTimesTest::all).sum())
        .isEqualTo(10L * CallTimes.MOST_GROUPS + 1);
  }

  @Test
  void aModuleThatIsCalledAsTheSharedGroupIsCountedInIt() {
    end("other:f", Outcome.SUCCESS, 1);
    for (int i = 0; i < CallTimes.MOST_GROUPS + 2; i++) {
      end("module" + i + ":f", Outcome.SUCCESS, 1);
    }

    List<CallTimes.Counted> counted = times.counted();
    assertThat(counted).hasSize(CallTimes.MOST_GROUPS + 1);
    assertThat(counted)
        .filteredOn(each -> each.group().equals(CallTimes.OTHER))
        .singleElement()
        .satisfies(other -> assertThat(all(other)).isEqualTo(3));
  }

  @Test
  void onlyDeathsThatNobodyAskedForCount() {
    times.onWorkerExit(WORKER, "exit code 0", true);
    times.onWorkerExit(WORKER, "SIGKILL", false);

    assertThat(times.deaths()).isEqualTo(1);
  }

  private void end(String target, Outcome outcome, long nanos) {
    times.onCallEnd(new CallEnd(WORKER, 1, target, outcome, nanos));
  }

  private static long count(CallTimes.Counted counted, double bound) {
    return counted.counts()[Arrays.binarySearch(CallTimes.bounds(), bound)];
  }

  private static long all(CallTimes.Counted counted) {
    return Arrays.stream(counted.counts()).sum();
  }
}
