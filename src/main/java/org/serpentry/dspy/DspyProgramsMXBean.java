// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import static javax.management.MBeanOperationInfo.ACTION;

import java.util.List;
import org.serpentry.management.Description;
import org.serpentry.management.Impact;
import org.serpentry.management.Named;
import org.serpentry.management.Secret;
import org.serpentry.management.Table;

/**
 * The DSPy programs of a pool and their language models: {@code
 * serpentry:…,pool=<pool>,component=DspyPrograms}, there once the application uses them. Any thread
 * may call.
 */
@Description("The DSPy programs of the pool and their language models. Keys are never shown.")
public interface DspyProgramsMXBean {

  @Description("The language models: one for all (scope *), and those of sessions.")
  @Table("scope")
  List<Model> getModels();

  @Description("The programs that are kept.")
  @Table("name")
  List<Program> getPrograms();

  @Description("How many programs are kept.")
  int getProgramCount();

  @Description("Programs run to their end, since the start.")
  long getExecutions();

  @Description("Commands, executions among them, since the start.")
  long getCommands();

  @Description("Commands that failed, since the start.")
  long getErrors();

  @Description("Requests to language models, since the start.")
  long getLmCalls();

  @Description("Tokens of prompts, since the start.")
  long getPromptTokens();

  @Description("Tokens of answers, since the start.")
  long getCompletionTokens();

  @Description("What the answers cost in US dollars as far as it is known, since the start.")
  double getCost();

  @Description(
      "Replaces the language model for all on every worker, while calls run; executions under way end with the old one. What is left empty stays as it is. Returns the id of the operation at once; see Operations of the pool.")
  @Impact(ACTION)
  String replaceLm(
      @Named("model") @Description("provider/model as DSPy names it; empty: as it is.")
          String model,
      @Named("endpoint") @Description("The endpoint's address; empty: as it is.") String endpoint,
      @Named("key") @Description("The key; empty: as it is. It is shown nowhere.") @Secret
          String key);

  @Description(
      "Deletes a program. Returns the id of the operation at once, which fails when there is none of that name; see Operations of the pool.")
  @Impact(ACTION)
  String deleteProgram(@Named("name") @Description("Its name, as Programs shows it.") String name);

  /**
   * A language model.
   *
   * @param endpoint the address, or empty for the provider's own
   * @param key {@code set} or empty; never the key
   * @param model its name
   * @param number grows with each change
   * @param scope {@code *}, or the session that it is for
   */
  record Model(String endpoint, String key, String model, long number, String scope) {}

  /**
   * A program.
   *
   * @param created when it was created, ISO-8601 in UTC
   * @param executions how often it ran
   * @param kind {@code predict}, {@code chain_of_thought}, {@code react} or {@code
   *     program_of_thought}
   * @param lastExecuted when it last ran, ISO-8601 in UTC, or empty
   * @param name its id; that of a session's own begins with the session and a slash
   * @param signature its inputs and outputs
   */
  record Program(
      String created,
      long executions,
      String kind,
      String lastExecuted,
      String name,
      String signature) {}
}
