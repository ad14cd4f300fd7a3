// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The status page's text, before any browser sees it. */
@Tag("layer-1")
class StatusPageTest {
  private static final String HTML = new String(StatusPage.get().bytes(), StandardCharsets.UTF_8);
  private static final String POLICY = StatusPage.get().policy();

  @Test
  void thePolicyAllowsThePagesOwnScriptAndStyleByTheirHashesAndNothingElse() throws Exception {
    assertThat(POLICY)
        .contains("default-src 'none'")
        .contains("script-src '" + hashOf("script") + "'")
        .contains("style-src '" + hashOf("style") + "'")
        .contains("connect-src 'self'")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe")
        .doesNotContain("*")
        .doesNotContain("http");
  }

  @Test
  void everythingIsInThePageItself() {
    assertThat(HTML.replace("http://www.w3.org/2000/svg", ""))
        .doesNotContain("http:")
        .doesNotContain("https:")
        .doesNotContain("@import")
        .doesNotContain("url(")
        .doesNotContain("<link")
        .doesNotContain("src=");
  }

  @Test
  void nothingInItNeedsAnExceptionFromThePolicy() {
    assertThat(HTML)
        .doesNotContainPattern("<[^>]*\\sstyle=")
        .doesNotContainPattern("<[^>]*\\son\\w+=");
  }

  @Test
  void whatTheServerTellsIsNeverMarkup() {
    assertThat(HTML)
        .doesNotContain("innerHTML")
        .doesNotContain("outerHTML")
        .doesNotContain("insertAdjacentHTML")
        .doesNotContain("document.write")
        .doesNotContain("eval(")
        .doesNotContain("Function(");
  }

  @Test
  void whoDoesNotSeeItFindsHisWay() {
    assertThat(HTML)
        .contains("<html lang=\"en\">")
        .contains("<main ")
        .contains("<header>")
        .contains("class=\"skip\" href=\"#pools\"")
        .contains("role=\"status\" aria-live=\"polite\"");
    assertThat(Pattern.compile("aria-live").matcher(HTML).results().count()).isEqualTo(1);
  }

  private static String hashOf(String tag) throws Exception {
    MatchResult part =
        Pattern.compile("<" + tag + ">(.*?)</" + tag + ">", Pattern.DOTALL)
            .matcher(HTML)
            .results()
            .findFirst()
            .orElseThrow();
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(part.group(1).getBytes(StandardCharsets.UTF_8));
    return "sha256-" + Base64.getEncoder().encodeToString(digest);
  }
}
