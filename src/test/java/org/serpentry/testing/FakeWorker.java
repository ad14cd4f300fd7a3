// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.serpentry.protocol.Credit;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.protocol.MalformedFrameException;

/**
 * One worker of the bridge mock: a thread that reads its call channel, and one more for each call
 * that it runs.
 */
final class FakeWorker implements Runnable {

  private static final Logger LOG = System.getLogger(FakeWorker.class.getName());

  private final FakeLauncher launcher;
  private final long number;
  private final FakeLauncher.Template template;
  private final FakeWords words;
  private final FakeCalls calls;
  private final int pid = FakeProcess.number();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final Map<Long, FakeRun> running = new ConcurrentHashMap<>();
  private volatile FakeChannel channel;
  private FakeMemory memory; // the reading thread's

  FakeWorker(
      FakeLauncher launcher,
      long number,
      FakeLauncher.Template template,
      FakeWords words,
      FakeCalls calls) {
    this.launcher = launcher;
    this.number = number;
    this.template = template;
    this.words = words;
    this.calls = calls;
  }

  long number() {
    return number;
  }

  int pid() {
    return pid;
  }

  @Override
  public void run() {
    try {
      channel =
          launcher.connect(
              Map.of(
                  "role",
                  "worker",
                  "worker",
                  number,
                  "pid",
                  pid,
                  "python",
                  "3.11.0 (bridge mock)",
                  "codeHash",
                  template.codeHash(),
                  "requirementsHash",
                  "",
                  "codec",
                  "json",
                  "capabilities",
                  List.of("attachments")));
      memory = new FakeMemory(channel.welcome());
      if (ended.get()) {
        sever();
        return;
      }
      while (true) {
        Frame frame = channel.read();
        FakeRun run = running.get(frame.requestId());
        if (frame.kind() == FrameKind.CALL) {
          begin(frame);
        } else if (frame.kind() == FrameKind.CANCEL && run != null) {
          run.cancel();
        } else if (frame.kind() == FrameKind.CREDIT && run != null) {
          run.grant(Credit.read(frame.payload()));
        }
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "A worker of the bridge mock reads nothing any more", e);
      die(0, null); // The host has closed its side: an orderly end.
    }
  }

  // What a call tells of segments counts from here on: calls are taken apart in their order.
  private void begin(Frame frame) throws IOException {
    long id = frame.requestId();
    FakeCall call;
    try {
      call = FakeCall.read(frame, launcher.codec(), memory);
    } catch (MalformedFrameException | RuntimeException e) {
      reply(id, calls.refused(null, "PROTOCOL", String.valueOf(e.getMessage())));
      return;
    }
    FakeRun run = new FakeRun();
    if (call.credit() != null) {
      run.grant(call.credit());
    }
    running.put(id, run);
    Thread thread = new Thread(() -> serve(call, run), "serpentry-bridge-mock-" + number + "-call");
    thread.setDaemon(true);
    thread.start();
  }

  private void serve(FakeCall call, FakeRun run) {
    long id = call.id();
    int word = words.begin(id);
    try {
      FakeReply answer =
          calls.answer(
              call, pid, number, run, item -> channel.write(Frame.bytes(FrameKind.ITEM, id, item)));
      running.remove(id);
      if (answer.exitCode() != null) {
        die(answer.exitCode(), null);
        return;
      }
      long limit = channel.frameLimit();
      reply(id, answer.size() > limit ? calls.tooLarge(call, answer, limit) : answer);
      words.end(word, id);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "A reply of the bridge mock reaches nobody", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "A worker of the bridge mock has failed", e);
      die(70, null);
    }
  }

  private void reply(long id, FakeReply answer) throws IOException {
    channel.reply(answer.kind(), id, answer.header(), answer.payload());
  }

  /** Ends it and reports how, once. */
  void die(Integer exitCode, Integer signal) {
    if (ended.compareAndSet(false, true)) {
      sever();
      launcher.ended(this, exitCode, signal);
    }
  }

  /** Ends it without a word, as the death of its launcher does. */
  void sever() {
    ended.set(true);
    running.values().forEach(FakeRun::cancel);
    FakeChannel open = channel;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        LOG.log(Level.DEBUG, "A worker of the bridge mock is closed already", e);
      }
    }
  }
}
