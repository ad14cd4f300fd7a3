// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.io.IOException;

/**
 * Reloads code soon after its files have changed, for development. It looks at names, sizes and
 * times twice a second, which works on every file system, those that tell of no changes included
 * (mounts of containers and networks), and reloads once two looks after a change agree, so that a
 * half-written save is not taken. Runs on the pool's thread for chores and ends with it.
 */
final class CodeWatch {

  private static final long PERIOD_MILLIS = 500;

  private final PoolContext context;
  private final Announcer announcer;
  private final Runnable reload;
  private String seen = "";
  private boolean changed;

  CodeWatch(PoolContext context, Announcer announcer, Runnable reload) {
    this.context = context;
    this.announcer = announcer;
    this.reload = reload;
  }

  void start() {
    context.chores().execute(this::begin);
  }

  private void begin() {
    try {
      seen = context.code().look();
      if (seen.isEmpty()) {
        context
            .reactor()
            .execute(
                () ->
                    announcer.warn(
                        "watch-code is set, but there are no code-directories to watch; the modules in"
                            + " WEB-INF/python change with a deployment only"));
        return;
      }
    } catch (IOException e) {
      changed = true;
    }
    next();
  }

  private void next() {
    context.chores().schedule(PERIOD_MILLIS, this::look);
  }

  private void look() {
    try {
      String now = context.code().look();
      if (!now.equals(seen)) {
        seen = now;
        changed = true;
      } else if (changed) {
        changed = false;
        reload.run();
      }
    } catch (IOException e) {
      changed = true; // A file went while it was listed: the next look sees how it ends.
    }
    next();
  }
}
