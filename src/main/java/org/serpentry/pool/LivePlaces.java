// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.concurrent.CompletableFuture;
import org.serpentry.config.LiveConfig;
import org.serpentry.config.PoolConfig;

/**
 * Changes {@code calls-per-worker} while the pool runs: workers with so many places come from a new
 * template of the same code, replace the others one by one, and prove themselves as those of new
 * code do. Where they do not, the setting goes back too. Runs on the reactor.
 */
final class LivePlaces {

  static final String KEY = "calls-per-worker";

  /** How many places a pool can have later whatever it begins with; each takes two words. */
  private static final int MOST = 64;

  private final Crew crew;
  private final int most;
  private long changes;

  LivePlaces(PoolConfig config, Crew crew) {
    this.crew = crew;
    this.most = most(config);
  }

  /** How many calls each worker of a pool can ever run at once. */
  static int most(PoolConfig config) {
    return Math.max(MOST, config.life().callsPerWorker());
  }

  /** Refuses more places than there are words for. */
  void check(String text) {
    if (text.strip().matches("\\d{1,9}") && Integer.parseInt(text.strip()) > most) {
      throw new IllegalStateException(
          "%s=%s is refused; while the pool runs it can become %d at most; deploy anew for more"
              .formatted(KEY, text, most));
    }
  }

  /**
   * The setting has changed from what it was before. Where several changes follow each other, the
   * outcome of the last one decides; what it falls back to is what serves then. Null where nothing
   * differs.
   */
  CompletableFuture<?> changed(LiveConfig live, String before) {
    String now = live.text(KEY);
    if (now.equals(before)) {
      return null;
    }
    long change = ++changes;
    return crew.reloads()
        .requestAsItIs()
        .whenComplete(
            (done, failure) -> {
              if (failure != null && change == changes && !crew.closing()) {
                goBack(live, now, failure);
              }
            });
  }

  private void goBack(LiveConfig live, String refused, Throwable failure) {
    String serving = Integer.toString(crew.nursery().templates().servingPlaces());
    if (!live.text(KEY).equals(serving)) {
      live.change(KEY, serving, "its pool, since workers with %s failed".formatted(refused));
    }
    crew.announcer().warn("%s is %s again: %s".formatted(KEY, serving, failure.getMessage()));
  }
}
