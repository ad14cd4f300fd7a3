// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives the tests of a class a pool of its own, ready before the first of them: a run directory,
 * sockets and processes that no other test sees, and no port.
 *
 * <pre>{@code
 * @PythonPoolTest(modules = "src/main/webapp/WEB-INF/python")
 * class ReviewsTest {
 *   @Test
 *   void scoresAText(PythonPool python) {
 *     assertEquals("POSITIVE", python.function("reviews:score").arg("text", "good").call(String.class));
 *   }
 * }
 * }</pre>
 *
 * <p>Fields (neither static nor final) and parameters of these types get what belongs to the pool:
 * {@code PythonPool}; {@code MockScript} where a script answers; {@code WorkerPool} and {@code
 * PoolWatcher} where there are workers; {@code TestPool} with real ones; {@code AdapterChoice}. A
 * test that wants what its layer does not have is skipped and says so. The script is reset before
 * each test.
 *
 * <p>When the environment has no Python, an unfit one, or lacks packages, the class is skipped with
 * the reason; with the configuration parameter or system property {@code
 * serpentry.test.required=true} it fails instead. When a test fails, what its workers have printed
 * and logged since it began stands in its failure, as a suppressed exception.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(PoolTestExtension.class)
public @interface PythonPoolTest {

  /** What stands behind the pool; by default the test mode decides. */
  TestLayer layer() default TestLayer.CHOSEN;

  /** Directories of Python modules, relative to the working directory of the tests. */
  String[] modules() default {};

  /** A locked requirements file with hashes, of which the Python environment is made once. */
  String requirements() default "";

  /** Names of packages that must be importable, as in {@code import}; else the class is skipped. */
  String[] packages() default {};

  /** The Python to run: a path or a name on the PATH. */
  String python() default "python3";

  /** How many workers. */
  int size() default 1;

  /**
   * Further settings of the pool: {@code key=value}, the key as in {@code docs/configuration.md}.
   */
  String[] settings() default {};

  /** Whether all tests of the class have one pool; otherwise each has its own. */
  boolean shared() default true;
}
