// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.serpentry.api.FailureKind;
import org.serpentry.environment.CodeSnapshot;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.TemplateFailure;
import org.serpentry.worker.Worker;

/**
 * The templates of a pool: the one that serves, and while code is reloaded the one on trial before
 * it has proved itself and the former one after that, until the reload is over. Everything runs on
 * the reactor.
 */
final class Templates {

  private static final Logger LOG = System.getLogger(Templates.class.getName());

  /** One template process, to be, living or dead. Its number is never used again. */
  private static final class Template {
    private final int number;
    private final CodeSnapshot code;
    private final int places;
    private boolean ready;
    private Reactor.Timer watch;

    Template(int number, CodeSnapshot code, int places) {
      this.number = number;
      this.code = code;
      this.places = places;
    }

    void unwatch() {
      if (watch != null) {
        watch.cancel();
      }
    }

    void end() {
      ready = false;
      unwatch();
    }
  }

  private final PoolContext context;
  private final Crew crew;
  private final Nursery nursery;
  private final LaunchRequests requests;
  private final Backoff backoff;
  private final Map<Integer, CodeSnapshot> codes = new HashMap<>();
  private final Set<CodeSnapshot> held = new HashSet<>();
  private final Map<Integer, Integer> living = new HashMap<>();
  private Template serving;
  private Template trial;
  private Template former;
  private CodeSnapshot earlier;
  private int lastNumber;
  private boolean closed;

  Templates(PoolContext context, Crew crew, Nursery nursery, LaunchRequests requests) {
    this.context = context;
    this.crew = crew;
    this.nursery = nursery;
    this.requests = requests;
    this.backoff = new Backoff(context.config());
    this.serving = new Template(0, context.firstCode(), placesNow());
  }

  // ---- what the others ask

  /** Whether the one that serves can fork workers. */
  boolean ready() {
    return serving.ready;
  }

  /** The number of the template that a slot's next worker comes from. */
  int numberFor(Slot slot) {
    return trial != null && trial.ready && crew.reloads().tries(slot)
        ? trial.number
        : serving.number;
  }

  /** How many calls the workers of a template can run at once. */
  int places(int number) {
    Template template = living(number);
    return template == null ? serving.places : template.places;
  }

  /** How many calls each worker runs at once, as far as it comes from the template that serves. */
  int servingPlaces() {
    return serving.places;
  }

  private int placesNow() {
    return context.config().life().callsPerWorker();
  }

  /** Whether a worker runs the code that serves, with as many places. */
  boolean upToDate(Worker worker) {
    return serving.code.equals(codes.get(worker.generation()))
        && serving.places == worker.machine().places();
  }

  boolean onTrial(Worker worker) {
    return trial != null && worker.generation() == trial.number;
  }

  CodeSnapshot code() {
    return serving.code;
  }

  /** The code that served before the present one, or null. */
  CodeSnapshot earlier() {
    return earlier;
  }

  // ---- with the launcher

  void launcherUp() {
    serving = started(serving.code, serving.places);
    if (trial != null) {
      trial = started(trial.code, trial.places);
    }
  }

  void launcherDown() {
    serving.end();
    if (former != null) {
      former.end();
    }
    if (trial != null && trial.number != 0) {
      dropTrial();
      crew.reloads().refused("the launcher was lost", null);
    }
  }

  void close() {
    closed = true;
    serving.end();
    if (trial != null) {
      trial.end();
    }
  }

  private Template started(CodeSnapshot code, int places) {
    Template template = new Template(++lastNumber, code, places);
    codes.put(template.number, code);
    held.add(code);
    nursery.send("template", requests.template(template.number, code, places));
    template.watch =
        context
            .reactor()
            .schedule(
                context.config().startTimeout().toMillis(),
                TimeUnit.MILLISECONDS,
                () -> late(template));
    return template;
  }

  private void late(Template template) {
    if (!template.ready) {
      drop(
          template,
          "the preload modules %s were not imported within start-timeout (%s)"
              .formatted(context.config().preload(), context.config().startTimeout()));
    }
  }

  /** A template does not fork although it said that it could: it is replaced. */
  void stuck(Worker unborn) {
    Template template = living(unborn.generation());
    if (template != null && template.ready) {
      drop(template, "the template did not fork a worker in time");
    }
  }

  private void drop(Template template, String reason) {
    nursery.send("drop-template", Map.of("generation", template.number));
    failed(template.number, new TemplateFailure(reason, null, null, null, List.of()));
  }

  // ---- what the launcher tells

  void ready(int which, int pid, long importMillis, List<String> warnings) {
    Template template = living(which);
    if (template == null || closed) {
      return;
    }
    template.unwatch();
    template.ready = true;
    if (pid != 0) {
      crew.announcer()
          .inform(
              "template %d is ready as process %d after %d ms of imports"
                  .formatted(which, pid, importMillis));
    }
    warnings.forEach(crew.announcer()::warn);
    if (template == serving) {
      backoff.reset();
      nursery.proven();
      crew.fill();
    }
    crew.reloads().look();
  }

  private Template living(int which) {
    if (serving.number == which) {
      return serving;
    }
    return trial != null && trial.number == which ? trial : null;
  }

  void failed(int which, TemplateFailure failure) {
    if (former != null && former.number == which) {
      former.end();
    }
    Template template = living(which);
    if (template == null || closed) {
      return;
    }
    template.end();
    if (template == trial) {
      trial = null;
      crew.reloads().refused(failure.describe(), failure);
      return;
    }
    crew.announcer().warn("template " + which + " failed: " + failure.describe());
    // The number is spent: a late report about this template must not be taken for its successor's.
    Template spent = new Template(0, serving.code, serving.places);
    serving = spent;
    if (!crew.reloads().servingFailed(failure)) {
      nursery.failed(
          FailureKind.TEMPLATE_FAILED, backoff, failure.describe(), () -> startAfter(spent));
    }
  }

  /** Another launcher, or a reload, may have brought another template while this one was due. */
  private void startAfter(Template spent) {
    if (serving == spent && nursery.connected() && !closed) {
      serving = started(spent.code, spent.places);
    }
  }

  // ---- reloads

  /** Starts a template of new code beside the one that serves. */
  void tryOut(CodeSnapshot code) {
    trial = nursery.connected() ? started(code, placesNow()) : new Template(0, code, placesNow());
  }

  /** The template of the new code was not good enough. */
  void dropTrial() {
    if (trial != null) {
      trial.end();
      nursery.send("drop-template", Map.of("generation", trial.number));
      trial = null;
    }
  }

  boolean trialReady() {
    return trial != null && trial.ready;
  }

  /** From now on workers come from the new code; the former template waits for the outcome. */
  void promote() {
    serving.unwatch();
    former = serving;
    serving = trial;
    trial = null;
    backoff.reset();
  }

  /** Everybody runs the new code: the former template is not needed any more. */
  void settle() {
    nursery.send("drop-template", Map.of("generation", former.number));
    // Files that were loaded in place are what they have become since, so nothing leads back to
    // them.
    if (!former.code.roots().equals(serving.code.roots())
        && !former.code.hash().equals(serving.code.hash())) {
      earlier = former.code;
    }
    former = null;
  }

  /** Goes back to the former code. Its template may have died meanwhile. */
  void rollBack() {
    Template bad = serving;
    bad.end();
    nursery.send("drop-template", Map.of("generation", bad.number));
    serving = former;
    former = null;
    if (!serving.ready && nursery.connected()) {
      serving = started(serving.code, serving.places);
    }
  }

  void spawned(Worker worker) {
    living.merge(worker.generation(), 1, Integer::sum);
  }

  void ended(Worker worker) {
    living.merge(worker.generation(), -1, (n, one) -> n + one == 0 ? null : n + one);
    tidy();
  }

  /** Forgets templates that have no worker, and lets go of code that nobody may go back to. */
  void tidy() {
    Set<Integer> used = new HashSet<>(living.keySet());
    Set<CodeSnapshot> needed = new HashSet<>();
    for (Template template : new Template[] {serving, trial, former}) {
      if (template != null) {
        used.add(template.number);
        needed.add(template.code);
      }
    }
    if (earlier != null) {
      needed.add(earlier);
    }
    codes.keySet().retainAll(used);
    needed.addAll(codes.values());
    Set<CodeSnapshot> unneeded = new HashSet<>(held);
    unneeded.removeAll(needed);
    held.removeAll(unneeded);
    unneeded.forEach(this::discard);
  }

  /** How many templates it knows, those included that have left nothing but workers. */
  int known() {
    return codes.size();
  }

  /** Deletes the files of code, as far as they are the pool's own. */
  void discard(CodeSnapshot code) {
    if (code.number() == 0) {
      return;
    }
    context
        .chores()
        .execute(
            () -> {
              try {
                context.code().discard(code);
              } catch (java.io.IOException e) {
                LOG.log(Level.WARNING, "Former code could not be deleted", e);
              }
            });
  }
}
