# SPDX-License-Identifier: Apache-2.0
"""The bill of materials of the Python side, as the build makes it."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PYTHON = Path(__file__).parent.parent
SCRIPT = PYTHON / "sbom.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sbom", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sbom"] = module
    spec.loader.exec_module(module)
    return module


def made(directory: Path, name: str) -> bytes:
    output = directory / "below" / name
    subprocess.run([sys.executable, "-B", SCRIPT, output], check=True)
    return output.read_bytes()


def bill(directory: Path) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(made(directory, "bill.json"))
    return parsed


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    assert made(tmp_path, "first.json") == made(tmp_path, "second.json")


def test_every_file_of_the_runtime_is_listed_with_its_hash(tmp_path: Path) -> None:
    listed = {
        component["name"]: component["hashes"][0]["content"]
        for component in bill(tmp_path)["components"]
        if component["type"] == "file"
    }
    place = "WEB-INF/classes/META-INF/serpentry/python/serpentry/"
    worker = PYTHON / "src" / "serpentry" / "worker.py"
    assert listed[place + "worker.py"] == hashlib.sha256(worker.read_bytes()).hexdigest()
    assert place + "py.typed" in listed
    assert not any("__pycache__" in name for name in listed)


def test_every_pin_is_listed_once_and_everything_that_is_named_is_there(tmp_path: Path) -> None:
    whole = bill(tmp_path)
    refs = [component["bom-ref"] for component in whole["components"]]
    assert len(refs) == len(set(refs))
    known = {*refs, whole["metadata"]["component"]["bom-ref"]}
    named = {ref for entry in whole["dependencies"] for ref in (entry["ref"], *entry["dependsOn"])}
    assert named <= known
    lock = (PYTHON / "examples" / "requirements.lock").read_text("utf-8")
    pins = [line.split()[0] for line in lock.splitlines() if "==" in line and line[0] not in " #"]
    assert sorted(f"pkg:pypi/{pin.replace('==', '@')}" for pin in pins) == sorted(
        component["purl"] for component in whole["components"] if "purl" in component
    )
    wanted = {ref for entry in whole["dependencies"] for ref in entry["dependsOn"]}
    assert wanted == {component["purl"] for component in whole["components"] if "purl" in component}


def test_hashes_and_markers_are_those_of_the_lock() -> None:
    digest = "ab" * 32
    pin_line = "foo==1.0 ; python_version < '3.12' \\"
    text = f"# head\n{pin_line}\n    --hash=sha256:{digest}\n    # via -r requirements.in\n"
    (pin,) = load().read_lock(text)
    assert (pin.purl, pin.marker) == ("pkg:pypi/foo@1.0", "python_version < '3.12'")
    assert (pin.hashes, pin.wanted_by) == ([digest], ["-r requirements.in"])


def test_a_lock_that_is_none_is_refused_with_the_line() -> None:
    with pytest.raises(ValueError, match="line 2 of the lock file is no pin with hashes: foo>=1"):
        load().read_lock("# head\nfoo>=1\n")
