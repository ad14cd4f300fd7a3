# SPDX-License-Identifier: Apache-2.0
"""The launcher's clean-up where it may not signal what it is to end."""

from __future__ import annotations

import json
import subprocess
import sys

from fakehost import PATIENCE, SOURCE

# A launcher's reaper with real children of a process of its own, the first of which is not ours to signal.
SCRIPT = """
import json, os, signal, subprocess, sys
from types import SimpleNamespace
sys.path.insert(0, sys.argv[1])
from serpentry import reaping

foreign, worker, stray = (subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL) for _ in range(3))
kill, killpg, attempts = os.kill, os.killpg, []

def refuse(pid, number, otherwise):
    attempts.append(pid)
    if pid == foreign.pid:
        raise PermissionError(1, "Operation not permitted")
    otherwise(pid, number)

os.kill = lambda pid, number: refuse(pid, number, kill)
os.killpg = lambda pid, number: refuse(pid, number, killpg)

class Worker(reaping.Worker):
    def __init__(self):
        self.number, self.pid, self.alive = 7, worker.pid, True
        self.tail = SimpleNamespace(lines=lambda: [])
        self.dump = SimpleNamespace(last="")

sent = []
supervisor = SimpleNamespace(
    workers={7: Worker()},
    templates={},
    starter=SimpleNamespace(read_announcements=lambda: None, replaced={}),
    outlets=SimpleNamespace(drain=lambda child: None),
    control=SimpleNamespace(send=sent.append),
)
reaper = reaping.Reaper(supervisor)
error = None
try:
    getattr(reaper, sys.argv[2])(*[foreign.pid] * (sys.argv[2] == "kill"))
except OSError as e:
    error = repr(e)
left = reaping.process.children()
told = {"error": error, "sent": sent, "tries": attempts.count(foreign.pid), "left": left}
told["foreign"] = foreign.pid
for child in left:
    kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
print(json.dumps(told))
"""


def run(method: str) -> tuple[dict[str, object], str]:
    done = subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT, str(SOURCE), method],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    return json.loads(done.stdout), done.stderr


def test_an_orphan_of_another_user_keeps_nobody_else_alive() -> None:
    told, said = run("end_everything")
    assert told["error"] is None
    assert told["left"] == [told["foreign"]]
    (exited,) = told["sent"]  # type: ignore[misc]
    assert (exited["op"], exited["worker"], exited["signal"]) == ("exited", 7, 9)
    # Its group once and itself once, however often the others had to be looked for.
    assert told["tries"] == 2
    assert f"process {told['foreign']}" in said
    assert said.count("\n") == 1


def test_a_child_of_another_user_that_is_to_be_killed_is_told_of() -> None:
    told, said = run("kill")
    assert told["error"] is None
    assert f"process {told['foreign']}" in said
