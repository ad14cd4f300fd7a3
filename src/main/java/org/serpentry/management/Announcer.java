// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static java.util.Map.entry;

import java.time.Clock;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.management.MBeanNotificationInfo;
import javax.management.Notification;
import javax.management.NotificationBroadcasterSupport;
import org.serpentry.management.PythonPoolMXBean.Event;
import org.serpentry.telemetry.SafeThrowable;

/**
 * Keeps a pool's events and sends them as notifications. Any thread may call; listeners and their
 * filters run on the given thread, never on the one that tells of an event.
 */
final class Announcer {

  static final String PREFIX = "serpentry.";
  static final String WORKER_STATE = "worker.state";
  static final String WORKER_REPLACED = "worker.replaced";
  static final String WORKER_EXIT = "worker.exit";
  static final String WORKER_HEALTH = "worker.health";
  static final String WORKER_RECOVERY = "worker.recovery";
  static final String WORKER_RECYCLED = "worker.recycled";
  static final String POOL_BREAKER = "pool.breaker";
  static final String POOL_RELOAD = "pool.reload";
  static final String CALL_LADDER = "call.ladder";
  static final String CALL_SLOW = "call.slow";
  static final String POOL_CIRCUIT = "pool.circuit";
  static final String POOL_HEALTH = "pool.health";
  static final String POOL_ALERT = "pool.alert";
  static final String POOL_SETTING = "pool.setting";
  static final String SESSION_LOST = "session.lost";
  static final String POOL_EVENT = "pool.event";
  static final String POOL_SERVICE = "pool.service";
  static final String POOL_STATUS = "pool.status";
  static final String OPERATION = "operation";

  private static final Map<String, String> KINDS =
      new TreeMap<>(
          Map.ofEntries(
              entry(WORKER_STATE, "A worker moved from one state to another."),
              entry(WORKER_REPLACED, "A slot has a new worker, which serves now."),
              entry(WORKER_EXIT, "A worker's process ended without having been asked to."),
              entry(WORKER_HEALTH, "The verdict on a worker changed."),
              entry(WORKER_RECOVERY, "A worker failed, and it was decided what is done about it."),
              entry(WORKER_RECYCLED, "A worker was told to leave: a limit, or an operator."),
              entry(
                  CALL_LADDER, "A rung of the ladder was used against a call that would not end."),
              entry(
                  CALL_SLOW,
                  "A call has run for longer than slow-call-threshold; its user data says whether it"
                      + " still ran."),
              entry(POOL_CIRCUIT, "A circuit of the pool's calls opened, half-opened or closed."),
              entry(POOL_HEALTH, "The pool as a whole became healthier or less so."),
              entry(
                  POOL_ALERT, "Too many calls have failed of late, or too many circuits are open."),
              entry(POOL_SETTING, "An operator changed a setting."),
              entry(SESSION_LOST, "A session has lost what it kept on its worker."),
              entry(POOL_BREAKER, "The crash breaker opened, half-opened or closed."),
              entry(POOL_RELOAD, "A code reload came a step further, or failed."),
              entry(POOL_EVENT, "The launcher or a template was lost or is back."),
              entry(POOL_SERVICE, "A fallback answers in the pool's place, or the pool again."),
              entry(POOL_STATUS, "The pool's status changed, for example to EXHAUSTED."),
              entry(OPERATION, "An operator changed the pool, or a long operation ended.")));

  private static final int EVENTS = 200;

  private final BoundedLog<Event> events = new BoundedLog<>(EVENTS);
  private final AtomicLong sequence = new AtomicLong();
  private final AtomicLong numbers = new AtomicLong();
  private final Clock clock;
  private final Map<String, NotificationThrottle> throttles = new TreeMap<>();
  private final NotificationBroadcasterSupport broadcaster;
  private final Predicate<Runnable> thread;
  private final AtomicLong dropped = new AtomicLong();
  private volatile Object source = "";

  /**
   * An announcer.
   *
   * @param throttle makes one for each kind, so that a storm of one does not keep out another
   * @param thread runs what it is given on a thread of its own; false when it does not take it
   */
  Announcer(Clock clock, Supplier<NotificationThrottle> throttle, Predicate<Runnable> thread) {
    this.clock = clock;
    this.thread = thread;
    KINDS.keySet().forEach(kind -> throttles.put(kind, throttle.get()));
    this.broadcaster = new NotificationBroadcasterSupport(infos());
  }

  private static MBeanNotificationInfo[] infos() {
    return KINDS.entrySet().stream()
        .map(
            kind ->
                new MBeanNotificationInfo(
                    new String[] {PREFIX + kind.getKey()},
                    Notification.class.getName(),
                    kind.getValue()))
        .toArray(MBeanNotificationInfo[]::new);
  }

  /** What the bean delegates its notifications to. */
  NotificationBroadcasterSupport broadcaster() {
    return broadcaster;
  }

  /** Names the bean that the notifications come from. */
  void source(Object name) {
    source = name;
  }

  void tellOfPool(String kind, String text) {
    tellOfPool(kind, text, Map.of());
  }

  void tellOfPool(String kind, String text, Map<String, String> details) {
    tell(event(kind, -1, text, 0), details);
  }

  void tellOfWorker(String kind, int slot, long worker, String text, Map<String, String> details) {
    tell(event(kind, slot, text, worker), details);
  }

  private Event event(String kind, int slot, String text, long worker) {
    // Arguments of operations and texts of Python are among them.
    String line = SafeThrowable.line(text);
    return new Event(
        clock.instant().toString(), kind, numbers.incrementAndGet(), slot, line, worker);
  }

  private void tell(Event event, Map<String, String> details) {
    events.add(event);
    if (!throttles.get(event.kind()).admits()) {
      return;
    }
    Notification notification =
        new Notification(
            PREFIX + event.kind(),
            source,
            sequence.incrementAndGet(),
            clock.millis(),
            event.text());
    // Only types of the JDK, since a console does not have this application's classes.
    Map<String, String> data = new TreeMap<>(details);
    data.replaceAll((name, value) -> value == null ? null : SafeThrowable.line(value));
    data.put("number", Long.toString(event.number()));
    data.put("slot", Integer.toString(event.slot()));
    data.put("worker", Long.toString(event.worker()));
    notification.setUserData(data);
    if (!thread.test(() -> broadcaster.sendNotification(notification))) {
      dropped.incrementAndGet();
    }
  }

  BoundedLog<Event> events() {
    return events;
  }

  long suppressed() {
    return dropped.get()
        + throttles.values().stream().mapToLong(NotificationThrottle::suppressed).sum();
  }
}
