# SPDX-License-Identifier: Apache-2.0
"""Which functions a caller reaches, and which it never does."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from serpentry.codec import make_codec
from serpentry.errors import (
    BindingError,
    CallCancelled,
    CallError,
    ImportFailedError,
    ModuleMissingError,
    NotExposedError,
    record,
)
from serpentry.registry import Registry, expose

Writer = Callable[[str, str], None]
PUBLISHED = "import serpentry\n@serpentry.expose\ndef f(x=0):\n    return x\n"


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A code root of this test's own; its modules are forgotten afterwards."""
    modules, path = set(sys.modules), list(sys.path)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if getattr(sys.modules[name], "__file__", None) is None or str(tmp_path) in str(
            sys.modules[name].__file__
        ):
            del sys.modules[name]


@pytest.fixture
def write(root: Path) -> Writer:
    def write(name: str, text: str) -> None:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    return write


def registry(root: Path, *preload: str) -> Registry:
    return Registry([str(root)], preload, make_codec("json"))


def test_a_published_function_is_found_once_and_served_from_memory(root: Path, write: Writer) -> None:
    write("reg_plain.py", PUBLISHED)
    known = registry(root)

    target = known.resolve(b"reg_plain:f")

    assert target.invoke(target.loads(b'{"x":5}'), False) == 5
    assert known.resolve(b"reg_plain:f") is target
    assert target.name == "reg_plain:f"
    assert not target.is_async


@pytest.mark.parametrize(
    "target",
    [
        "os:system",
        "subprocess:run",
        "builtins:eval",
        "serpentry.launcher:main",
        "serpentry.codec:make_codec",
        "sys:exit",
        "pytest:main",
        "_posixsubprocess:fork_exec",
    ],
)
def test_modules_outside_the_code_roots_are_never_reached(root: Path, target: str) -> None:
    with pytest.raises(ModuleMissingError) as refused:
        registry(root).resolve(target.encode())

    assert refused.value.details == {"module": target.partition(":")[0]}


def test_a_module_outside_the_roots_is_not_even_imported(root: Path, tmp_path: Path) -> None:
    name = "this"  # prints when imported; nobody has

    with pytest.raises(ModuleMissingError):
        registry(root).resolve(b"this:s")

    assert name not in sys.modules


@pytest.mark.parametrize(
    "target", ["", ":", "f", "m:", ":f", "m:a.b", "m..n:f", "../m:f", "m:f:g", "m /:f", "é\n:f"]
)
def test_what_is_no_target_is_refused(root: Path, target: str) -> None:
    with pytest.raises(NotExposedError, match="module:function"):
        registry(root).resolve(target.encode())


def test_bytes_that_are_no_text_are_refused(root: Path) -> None:
    with pytest.raises(NotExposedError):
        registry(root).resolve(b"\xff\xfe:f")


def test_a_name_nearly_right_is_answered_with_the_right_one(root: Path, write: Writer) -> None:
    write("reg_near.py", PUBLISHED.replace("def f", "def score_all"))

    with pytest.raises(NotExposedError, match="nearest: 'score_all'"):
        registry(root).resolve(b"reg_near:scoreAll")
    with pytest.raises(ModuleMissingError, match="nearest: 'reg_near'"):
        registry(root).resolve(b"reg_neat:f")


def test_importing_a_published_function_does_not_publish_it_again(root: Path, write: Writer) -> None:
    write("reg_origin.py", PUBLISHED)
    write("reg_user.py", "import serpentry\nfrom reg_origin import f\ng = serpentry.expose(name='g')(f)\n")
    known = registry(root)

    with pytest.raises(NotExposedError, match="does not carry"):
        known.resolve(b"reg_user:f")
    assert known.resolve(b"reg_user:g").invoke({"x": 1}, False) == 1


def test_a_function_without_the_decorator_stays_private(root: Path, write: Writer) -> None:
    write("reg_private.py", "def f(): pass\n")

    with pytest.raises(NotExposedError, match="does not carry @serpentry"):
        registry(root).resolve(b"reg_private:f")


def test_decorators_above_expose_take_part_in_the_call(root: Path, write: Writer) -> None:
    write(
        "reg_deco.py",
        "import functools, serpentry\n"
        "def twice(g):\n    @functools.wraps(g)\n    def h(*a, **k): return g(*a, **k) * 2\n    return h\n"
        "@twice\n@serpentry.expose\ndef f(x: int) -> int: return x\n",
    )

    assert registry(root).resolve(b"reg_deco:f").invoke({"x": 4}, False) == 8


def test_modules_in_packages_are_found_without_naming_their_parents(root: Path, write: Writer) -> None:
    write("regpack/__init__.py", "")
    write("regpack/inner/__init__.py", "")
    write("regpack/inner/deep.py", PUBLISHED)
    write("regspace/deep.py", PUBLISHED)  # a namespace package

    known = registry(root)

    assert known.resolve(b"regpack.inner.deep:f").invoke({"x": 1}, False) == 1
    assert known.resolve(b"regspace.deep:f").invoke([2], False) == 2


def test_a_failed_import_is_reported_as_such_and_tried_afresh(root: Path, write: Writer) -> None:
    write("reg_helper.py", "state = []\n")
    write("reg_broken.py", "import reg_helper\nreg_helper.state.append(1)\nraise ValueError('not yet')\n")
    known = registry(root)

    with pytest.raises(ImportFailedError) as failed:
        known.resolve(b"reg_broken:f")
    told = record(failed.value)
    assert (told["code"], told["type"], told["details"]) == (
        "IMPORT_FAILED",
        "builtins.ValueError",
        {"module": "reg_broken"},
    )
    assert told["frames"] == [
        {"file": str(root / "reg_broken.py"), "line": 3, "function": "<module>", "module": "reg_broken"}
    ]
    assert "not yet" in str(told["traceback"])
    assert not {"reg_helper", "reg_broken"} & set(sys.modules)

    write("reg_broken.py", "# of another length, so that no cached bytecode fits\n" + PUBLISHED)
    assert known.resolve(b"reg_broken:f").invoke({"x": 3}, False) == 3


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("raise SystemExit(3)", "SystemExit"),
        ("import no_such", "ModuleNotFoundError"),
        ("def (", "SyntaxError"),
    ],
)
def test_every_way_to_fail_an_import_has_a_name(root: Path, write: Writer, statement: str, kind: str) -> None:
    write("reg_fails.py", statement + "\n")

    with pytest.raises(ImportFailedError) as failed:
        registry(root).resolve(b"reg_fails:f")

    assert record(failed.value)["type"] == f"builtins.{kind}"


def test_a_cancel_during_an_import_stays_a_cancel(root: Path, write: Writer) -> None:
    write("reg_cancelled.py", "import serpentry\nraise serpentry.CallCancelled\n")

    with pytest.raises(CallCancelled):
        registry(root).resolve(b"reg_cancelled:f")

    assert "reg_cancelled" not in sys.modules


def test_a_module_hidden_by_another_of_its_name_is_named(root: Path, write: Writer) -> None:
    write("json.py", PUBLISHED)

    with pytest.raises(ModuleMissingError, match="rename it"):
        registry(root).resolve(b"json:f")


def test_a_symbolic_link_out_of_the_root_leads_nowhere(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "reg_outside.py"
    outside.write_text(PUBLISHED)
    (root / "reg_outside.py").symlink_to(outside)

    with pytest.raises(ModuleMissingError):
        registry(root).resolve(b"reg_outside:f")


def test_preloaded_modules_serve_only_what_they_publish(root: Path, write: Writer) -> None:
    write("reg_preload.py", PUBLISHED)
    known = registry(root, "reg_preload", "textwrap")

    known.preload_modules()

    assert known.resolve(b"reg_preload:f").invoke({}, False) == 0
    with pytest.raises(NotExposedError):
        known.resolve(b"textwrap:dedent")


def test_a_preload_that_fails_names_its_module(root: Path) -> None:
    with pytest.raises(ImportFailedError) as failed:
        registry(root, "reg_absent").preload_modules()

    assert failed.value.details == {"module": "reg_absent"}


def test_prepared_functions_are_bound_before_their_first_call(root: Path, write: Writer) -> None:
    write("reg_ready.py", PUBLISHED)
    known = registry(root, "reg_ready")
    known.add_builtins({"ping": lambda: "pong"})
    known.preload_modules()
    known.prepare()

    assert set(known._targets) >= {b"reg_ready:f", b"serpentry:ping"}
    assert known.resolve(b"reg_ready:f") is known._targets[b"reg_ready:f"]


def test_a_function_that_cannot_be_bound_fails_for_its_caller_and_not_for_the_others(
    root: Path, write: Writer
) -> None:
    write("reg_mixed.py", PUBLISHED + "@serpentry.expose\ndef bad(x: range): pass\n")
    known = registry(root, "reg_mixed")
    known.preload_modules()
    known.prepare()

    assert known.resolve(b"reg_mixed:f").invoke({"x": 3}, False) == 3
    with pytest.raises(BindingError, match="range"):
        known.resolve(b"reg_mixed:bad")


def test_builtin_commands_are_reached_under_the_reserved_module_only(root: Path) -> None:
    known = registry(root)
    known.add_builtins({"ping": lambda: "pong"})

    assert known.resolve(b"serpentry:ping").invoke({}, False) == "pong"
    with pytest.raises(NotExposedError, match="nearest: 'ping'"):
        known.resolve(b"serpentry:pin")
    with pytest.raises(NotExposedError):
        known.resolve(b"serpentry:context")


def test_a_hint_that_nothing_fits_is_refused_by_name(root: Path, write: Writer) -> None:
    write("reg_hint.py", "import pathlib, serpentry\n@serpentry.expose\ndef f(p: pathlib.Path): pass\n")

    with pytest.raises(BindingError, match="'p' of reg_hint:f has the type hint Path"):
        registry(root).resolve(b"reg_hint:f")


def test_an_async_function_says_so(root: Path, write: Writer) -> None:
    write("reg_async.py", "import serpentry\n@serpentry.expose\nasync def f(x: int): return x\n")
    target = registry(root).resolve(b"reg_async:f")

    assert target.is_async
    assert asyncio.run(target.invoke({"x": 1}, False)) == 1


@pytest.mark.parametrize("wrong", [int, 5, lambda: 0])
def test_expose_refuses_what_is_no_named_function(wrong: object) -> None:
    with pytest.raises(TypeError):
        expose(wrong)  # type: ignore[type-var]


def test_expose_refuses_methods() -> None:
    with pytest.raises(TypeError, match="method"):

        class Owner:
            @expose
            def method(self) -> None: ...


def test_every_refusal_is_a_call_error(root: Path) -> None:
    with pytest.raises(CallError) as refused:
        registry(root).resolve(b"os:system")

    assert record(refused.value)["code"] == "MODULE_NOT_FOUND"
