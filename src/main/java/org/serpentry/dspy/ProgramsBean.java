// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.serpentry.management.Exporting;
import org.serpentry.management.LongOperations;
import org.serpentry.management.Prompt;
import org.serpentry.telemetry.SafeText;

/** The programs of one pool, for operators. Any thread may call. */
final class ProgramsBean implements DspyProgramsMXBean, Exporting {

  private static final String ALL = "*";

  private final PoolPrograms programs;
  private final LongOperations operations;
  private final boolean blocks;
  private final Prompt<List<ProgramInfo>> look = new Prompt<>("store of the programs");
  private volatile LmConfig replaced; // what replaceLm put in force last, or null

  ProgramsBean(PoolPrograms programs, LongOperations operations) {
    this.programs = programs;
    this.operations = operations;
    this.blocks = programs.store().blocks();
  }

  @Override
  public List<Model> getModels() {
    return programs.models().all().stream()
        .map(
            numbered ->
                new Model(
                    SafeText.withoutCredentials(numbered.settings().endpoint()),
                    numbered.settings().hasKey() ? "set" : "",
                    numbered.settings().modelName(),
                    numbered.number(),
                    numbered.scope().equals(LmVersions.ALL) ? ALL : numbered.scope()))
        .sorted(Comparator.comparing(Model::scope))
        .toList();
  }

  @Override
  public List<Program> getPrograms() {
    return kept().stream()
        .map(ProgramsBean::program)
        .sorted(Comparator.comparing(Program::name))
        .toList();
  }

  private List<ProgramInfo> kept() {
    return look.ask(blocks, programs.store()::all);
  }

  private static Program program(ProgramInfo info) {
    return new Program(
        info.createdAt().toString(),
        info.executionCount(),
        info.definition().kind().command(),
        info.lastExecuted().map(Object::toString).orElse(""),
        name(info),
        fields(info.definition().inputs()) + " -> " + fields(info.definition().outputs()));
  }

  private static String name(ProgramInfo info) {
    return info.sessionId().map(session -> session + "/").orElse("") + info.id();
  }

  private static String fields(List<ProgramField> fields) {
    return fields.stream().map(ProgramField::name).collect(Collectors.joining(", "));
  }

  @Override
  public int getProgramCount() {
    return kept().size();
  }

  @Override
  public long getExecutions() {
    return programs.counts().executions();
  }

  @Override
  public long getCommands() {
    return programs.counts().commands();
  }

  @Override
  public long getErrors() {
    return programs.counts().errors();
  }

  @Override
  public long getLmCalls() {
    return programs.counts().usage().lmCalls();
  }

  @Override
  public long getPromptTokens() {
    return programs.counts().usage().promptTokens();
  }

  @Override
  public long getCompletionTokens() {
    return programs.counts().usage().completionTokens();
  }

  @Override
  public double getCost() {
    return programs.counts().usage().cost().orElse(0);
  }

  @Override
  public String replaceLm(String model, String endpoint, String key) {
    LmVersions.Numbered now = programs.models().of(null);
    if (now == null && empty(model)) {
      throw new IllegalArgumentException("There is no language model yet: name one");
    }
    return operations.begin(
        "replaceLm",
        () -> {
          replaced = programs.changeLm(before -> changed(before, model, endpoint, key));
          return replaced.modelName() + " is in force";
        });
  }

  private static LmConfig changed(LmConfig before, String model, String endpoint, String key) {
    return (before == null ? LmConfig.model(model).build() : before)
        .with(empty(model) ? null : model, empty(endpoint) ? null : endpoint, keyOf(key));
  }

  /** What code configured is that code's business; what an operator did would be lost. */
  @Override
  public String export() {
    LmConfig mine = replaced;
    LmVersions.Numbered now = programs.models().of(null);
    return mine == null || now == null || now.settings() != mine ? "" : programs.export(mine);
  }

  private static boolean empty(String text) {
    return text == null || text.isBlank();
  }

  private static String keyOf(String key) {
    return empty(key) ? null : key.strip();
  }

  @Override
  public String deleteProgram(String name) {
    return operations.begin(
        "deleteProgram",
        () -> {
          if (!deleted(name)) {
            throw new IllegalArgumentException("There is no program " + name);
          }
          return name + " is deleted";
        });
  }

  /**
   * Sessions and ids may have slashes, too. Nothing is listed: another program may be unreadable.
   */
  private boolean deleted(String name) {
    if (programs.store().delete(null, name)) {
      return true;
    }
    for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
      if (programs.store().delete(name.substring(0, slash), name.substring(slash + 1))) {
        return true;
      }
    }
    return false;
  }
}
