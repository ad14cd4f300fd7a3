// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import jakarta.inject.Inject;
import jakarta.json.bind.JsonbBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.serpentry.api.Answered;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.PoolName;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonSession;
import org.serpentry.api.PythonType;
import org.serpentry.api.QueueFullException;
import org.serpentry.api.Service;
import org.serpentry.ee.PoolPeek;
import org.serpentry.ee.PythonServices;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.run.RestUsers;

/** Injection of pools, and what crosses between Java and Python on a real server. */
@Tag("layer-2")
@ExtendWith(ArquillianExtension.class)
class InjectedPoolIT extends BindingChecks {
  private static final Path MODULES = Path.of("python", "tests", "modules");

  @Inject PythonPool first;

  @Inject
  @PoolName("second")
  PythonPool second;

  @Inject
  @PoolName("narrow")
  PythonPool narrow;

  @Inject
  @PoolName("falling")
  PythonPool falling;

  @Inject
  @PoolName("mocked")
  PythonPool mocked;

  @Inject
  @PoolName("unbuilt")
  PythonPool unbuilt;

  @Inject
  @PoolName("bare")
  PythonPool bare;

  @Inject PythonServices services;

  @Deployment
  static WebArchive war() {
    return PoolWars.main(
            "injected.war",
            settings(
                "serpentry.pools",
                "first,second,narrow,falling,mocked,unbuilt,bare",
                "org.serpentry.ee.guard.Narrow/call/Bulkhead/value",
                "1",
                "serpentry.pool.second.fault-tolerance",
                "core",
                "serpentry.pool.second.size",
                "1",
                "serpentry.pool.falling.preload",
                "no_such_module",
                "serpentry.pool.falling.fallback",
                "single,mock",
                "serpentry.pool.narrow.session-scope",
                "principal",
                "serpentry.pool.mocked.adapter",
                "mock",
                "serpentry.pool.unbuilt.requirements",
                "/no/such/requirements.lock",
                "serpentry.pool.unbuilt.fallback",
                "single",
                "serpentry.pool.bare.interpreter",
                "/no/such/python3",
                "serpentry.pool.bare.fallback",
                "single,mock"))
        .addClasses(BindingChecks.class, PoolPeek.class, Events.class, SessionServlet.class)
        .addAsWebInfResource(MODULES.resolve("conversing.py").toFile(), "python/conversing.py")
        .addAsWebInfResource(MODULES.resolve("streams.py").toFile(), "python/streams.py");
  }

  private static Map<String, String> settings(String... pairs) {
    Map<String, String> settings = new TreeMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      settings.put(pairs[i], pairs[i + 1]);
    }
    return settings;
  }

  @Override
  PythonPool pool() {
    return first;
  }

  @Test
  void theFirstPoolIsTheDefaultOne() {
    assertThat(first.name()).isEqualTo("first");
    assertThat(first.function("faulty:add").args(2, 3).call(Integer.class)).isEqualTo(5);
  }

  @Test
  void aPoolIsInjectedByItsName() {
    assertThat(second.name()).isEqualTo("second");
    assertThat(second.function("faulty:add").args(2, 3).call(Integer.class)).isEqualTo(5);
  }

  @Test
  void modulesInDirectoriesBelowAreFound() {
    assertThat(first.function("nested.inner:where").call(String.class)).isEqualTo("nested.inner");
  }

  @Test
  void asynchronousCallsEndInTheirResult() {
    assertThat(first.function("faulty:add").args(2, 3).callAsync(Integer.class).join())
        .isEqualTo(5);
    assertThat(second.function("faulty:add").args(2, 3).callAsync(Integer.class).join())
        .isEqualTo(5);
  }

  /** What a stage finds where it runs. */
  private record Surroundings(
      Thread thread, ClassLoader loader, String application, boolean component) {

    @SuppressWarnings("BanJNDI") // constant names
    static Surroundings here() {
      try {
        InitialContext names = new InitialContext();
        return new Surroundings(
            Thread.currentThread(),
            Thread.currentThread().getContextClassLoader(),
            (String) names.lookup("java:app/AppName"),
            names.lookup("java:comp/DefaultManagedExecutorService") != null);
      } catch (NamingException e) {
        throw new AssertionError("a name of the application is not found", e);
      }
    }
  }

  @Test
  void whatFollowsAnAsynchronousCallHasTheContextOfItsCaller() {
    Surroundings caller = Surroundings.here();
    for (PythonPool pool : List.of(first, second)) {
      // Long enough that the stage is there before the result is, or the thread would be ours.
      CompletableFuture<Surroundings> later =
          pool.function("faulty:sleep")
              .args(0.5)
              .callAsync(String.class)
              .thenApply(text -> Surroundings.here());

      assertThat(later).as(pool.name()).succeedsWithin(30, TimeUnit.SECONDS);
      Surroundings stage = later.join();
      assertThat(stage.thread()).as(pool.name()).isNotEqualTo(caller.thread());
      assertThat(stage)
          .as(pool.name())
          .isEqualTo(new Surroundings(stage.thread(), caller.loader(), caller.application(), true));
    }
  }

  @Test
  void cancellingReachesPythonWhoseWorkerStays() {
    for (PythonPool pool : List.of(first, second)) {
      int worker = pool.function("faulty:pid").call(Integer.class);
      CompletableFuture<Void> endless = pool.function("faulty:spin").callAsync();
      Events.await(() -> snapshot(pool).workers().get(0).function().equals("faulty:spin"));

      assertThat(endless.cancel(true)).as(pool.name()).isTrue();

      assertThat(pool.function("faulty:pid").call(Integer.class)).as(pool.name()).isEqualTo(worker);
      assertThat(snapshot(pool).calls().cancelled()).as(pool.name()).isEqualTo(1);
    }
  }

  @Test
  void aFullBulkheadRefusesNoCallOfAnotherPool() throws Exception {
    FutureTask<Throwable> endless =
        new FutureTask<>(() -> catchThrowable(narrow.function("faulty:spin")::call));
    Thread caller = new Thread(endless);
    caller.start();
    try {
      Events.await(() -> snapshot(narrow).workers().get(0).function().equals("faulty:spin"));

      assertThat(catchThrowable(() -> narrow.function("faulty:pid").call(Integer.class)))
          .isInstanceOf(QueueFullException.class);
      assertThat(first.function("faulty:add").args(2, 3).call(Integer.class)).isEqualTo(5);
    } finally {
      caller.interrupt();
    }
    assertThat(endless.get(30, TimeUnit.SECONDS)).isInstanceOf(CallCancelledException.class);
    Events.await(() -> PoolPeek.core("narrow").control().counts().idle() == 1);
  }

  private static PoolSnapshot snapshot(PythonPool pool) {
    return PoolPeek.core(pool.name()).control().snapshot();
  }

  @Test
  void aSingleWorkerAnswersForAPoolWhoseTemplateCannotBeImported() {
    assertThat(
            falling.function("faulty:add").args(2, 3).call(new PythonType<Answered<Integer>>() {}))
        .isEqualTo(new Answered<>(5, Service.SINGLE));
    assertThat(falling.function("faulty:add").args(2, 3).callAsync(Integer.class).join())
        .isEqualTo(5);
    assertThat(falling.service()).isEqualTo(Service.SINGLE);
    assertThat(snapshot(falling).services().reason()).contains("no_such_module");
  }

  @Test
  void aSingleWorkerOnTheBaseInterpreterAnswersWhereTheEnvironmentIsMissing() {
    assertThat(
            unbuilt.function("faulty:add").args(2, 3).call(new PythonType<Answered<Integer>>() {}))
        .isEqualTo(new Answered<>(5, Service.SINGLE));
    assertThat(snapshot(unbuilt).services().reason()).contains("no-python-environment");
  }

  @Test
  void aMockAnswersWhereThereIsNoPythonAtAll() {
    assertThat(bare.function("faulty:name").call(new PythonType<Answered<String>>() {}))
        .isEqualTo(new Answered<>("mock answer of faulty:name", Service.MOCK));
    assertThat(snapshot(bare).services().reason()).contains("/no/such/python3");
  }

  @Test
  void aMockAnswersForAPoolThatIsOne() {
    assertThat(mocked.function("faulty:anything").call(new PythonType<Answered<String>>() {}))
        .isEqualTo(new Answered<>("mock answer of faulty:anything", Service.MOCK));
  }

  @Test
  void theServicesOfAllPoolsAreKnown() {
    assertThat(services.services())
        .containsEntry("first", Service.POOL)
        .containsEntry("falling", Service.SINGLE)
        .containsEntry("mocked", Service.MOCK)
        .hasSize(7);
    assertThat(services.of("unknown")).isEqualTo(Service.NONE);
  }

  @Test
  void aSessionKeepsItsStateWhicheverWayItsCallsTake() {
    for (PythonPool pool : List.of(first, second)) {
      PythonSession session = pool.session("s");

      assertThat(session.function("conversing:add").call(Integer.class)).isEqualTo(1);
      assertThat(session.function("conversing:add").callAsync(Integer.class).join()).isEqualTo(2);
      assertThat(pool.session("other").function("conversing:add").call(Integer.class))
          .as(pool.name())
          .isEqualTo(1);
      assertThat(pool.session("s").function("conversing:add").call(Integer.class)).isEqualTo(3);
      assertThat(session.info().orElseThrow().operations()).isEqualTo(3);
      assertThat(session.end()).as(pool.name()).isTrue();
      assertThat(session.function("conversing:add").call(Integer.class)).isEqualTo(1);
      session.end();
      pool.session("other").end();
    }
  }

  @Test
  void whatPythonYieldsIsStreamed() {
    for (PythonPool pool : List.of(first, second)) {
      try (Stream<Integer> numbers =
          pool.function("streams:count").arg("to", 1_000).stream(Integer.class)) {
        assertThat(numbers.mapToInt(i -> i).sum()).as(pool.name()).isEqualTo(499_500);
      }
      assertThat(pool.function("faulty:add").args(2, 3).call(Integer.class)).isEqualTo(5);
    }
  }

  @Test
  @RunAsClient
  void aSessionBelongsToItsCallerWhereThePoolSaysSo() throws Exception {
    String caller = RestCalls.authorization(RestUsers.CALLER);
    String stranger = RestCalls.authorization(RestUsers.STRANGER);

    assertThat(countAs(caller)).isEqualTo("caller:s 1");
    assertThat(countAs(stranger)).isEqualTo("stranger:s 1");
    assertThat(countAs(caller)).isEqualTo("caller:s 2");
    assertThat(countAs(null)).endsWith(":s 1").doesNotStartWith("caller");
  }

  private static String countAs(String authorization) throws Exception {
    URI uri = URI.create(ServerUnderTest.httpUri() + "/injected/session?id=s");
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }

  @Test
  @RunAsClient
  @SuppressWarnings("unchecked")
  void readinessTellsOfEveryPool() throws Exception {
    URI ready = URI.create(ServerUnderTest.healthUri() + "/ready");

    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(ready).build(), BodyHandlers.ofString());

    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    try (var jsonb = JsonbBuilder.create()) {
      Map<String, Object> answer = jsonb.fromJson(response.body(), Map.class);
      assertThat(answer).containsEntry("status", "UP");
      Map<String, Object> check =
          ((List<Map<String, Object>>) answer.get("checks"))
              .stream().filter(c -> c.get("name").equals("serpentry")).findFirst().orElseThrow();
      assertThat(check).containsEntry("status", "UP");
      assertThat((Map<String, Object>) check.get("data"))
          .containsEntry("first.status", "ready")
          .containsEntry("second.status", "ready")
          .containsEntry("first.service", "pool")
          .containsEntry("falling.service", "single")
          .containsEntry("mocked.service", "mock")
          .containsEntry("mocked.status", "degraded: a mock answers")
          .hasEntrySatisfying(
              "falling.status",
              text -> assertThat(text.toString()).startsWith("degraded: a single worker answers"))
          .containsKeys("first.ready", "first.waiting", "second.ready", "second.waiting");
    }
  }
}
