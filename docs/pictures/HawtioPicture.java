// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.serpentry.it.browser.Chromium;
import org.serpentry.it.browser.Page;

/**
 * Connects hawtio to a Jolokia agent, opens the bean of a pool, runs its self-test, and takes
 * pictures of what hawtio shows. Called by hawtio.sh.
 */
final class HawtioPicture {
  private static final String TEXT = "[class*=tree-view__node-text]";
  private static final String ARROW = "[class*=tree-view__node-toggle]";

  private final Page page;

  private HawtioPicture(Page page) {
    this.page = page;
  }

  /** Arguments: hawtio's address, the agent's, the pool, the directory of the files. */
  public static void main(String[] args) throws Exception {
    Path program = Chromium.program().orElseThrow();
    try (Chromium browser = Chromium.start(program)) {
      new HawtioPicture(browser.open(1280, 900, Map.of()))
          .takeAll(args[0], URI.create(args[1]), args[2], Path.of(args[3]));
    }
  }

  private void takeAll(String hawtio, URI agent, String pool, Path directory) throws Exception {
    page.open(hawtio + "/robots.txt");
    page.await("location.href.startsWith('" + hawtio + "')");
    // What the dialogue "Add connection" keeps.
    page.text(
        """
        localStorage.setItem('connect.connections', JSON.stringify({server: {id: 'server',
          name: 'Serpentry', scheme: '%s', host: '%s', port: %d, path: '%s'}}))"""
            .formatted(agent.getScheme(), agent.getHost(), agent.getPort(), agent.getPath()));
    page.open(hawtio + "/jmx?con=server");
    String[] bean = {"serpentry", "serpentry", pool};
    for (int depth = 1; depth <= bean.length; depth++) {
      String[] part = Arrays.copyOf(bean, depth);
      page.await("!!" + item(part));
      // Selecting it opens some; the arrow does the rest.
      page.await(item(part) + "?.querySelectorAll('li').length > 0 || " + arrow(part) + "?.click()");
    }
    // The pool is there twice: with its components and workers below it, and as itself.
    click(
        item(bean[0], bean[1])
            + "?.querySelectorAll('li').values().find(li => !li.querySelector('%s')".formatted(ARROW)
            + " && li.textContent.trim() === '%s')?.querySelector('%s')".formatted(pool, TEXT));
    page.await("document.body.innerText.includes('StatusReason')");
    save(directory.resolve("hawtio.png"));

    click(named("nav a", "Operations"));
    String selfTest =
        "document.querySelectorAll('li').values().find(li => li.textContent.includes('selfTest()'))";
    click(selfTest + "?.querySelector('button')");
    click(
        selfTest
            + "?.querySelectorAll('button').values().find(b => b.textContent.trim() === 'Execute')");
    page.await("/selfTest-[0-9]/.test(document.body.innerText)");
    page.text(selfTest + ".scrollIntoView({block: 'center'})");
    save(directory.resolve("hawtio-operations.png"));
  }

  /** The item of the tree at a path from its root, in JavaScript. */
  private static String item(String... names) {
    StringBuilder script = new StringBuilder("document");
    for (String name : names) {
      script.append(
          "?.querySelectorAll('li').values().find(li =>"
              + " li.querySelector('%s')?.textContent.trim() === '%s')".formatted(TEXT, name));
    }
    return script.toString();
  }

  private static String arrow(String... names) {
    return item(names) + "?.querySelector('%s')".formatted(ARROW);
  }

  /** The first element with exactly this text, in JavaScript. */
  private static String named(String selector, String text) {
    return "document.querySelectorAll('%s').values().find(e => e.textContent.trim() === '%s')"
        .formatted(selector, text);
  }

  private void click(String element) {
    page.await("!!" + element);
    page.text(element + ".click()");
  }

  private void save(Path file) throws IOException {
    Files.write(file, page.picture());
  }
}
