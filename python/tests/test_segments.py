# SPDX-License-Identifier: Apache-2.0
"""Shared memory as the worker sees it: mapping, faults, views that are kept, room for results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from serpentry.arrays import Attached, Tables, bind, outgoing
from serpentry.attachments import ARRAY, Announced, Entry
from serpentry.codec import make_codec
from serpentry.errors import MalformedCallError
from serpentry.hints import Mismatch
from serpentry.segments import Memory

SIZE = 65536
CODEC = make_codec("json")
TABLES = Tables(CODEC.loads, CODEC.loads_exact, False, False)


def memory(directory: Path) -> Memory:
    return Memory({"directory": str(directory), "prefix": "serpentry-t-", "threshold": 16})


def announce(directory: Path, number: int, size: int = SIZE, real: int = SIZE) -> Announced:
    name = f"serpentry-t-{number}"
    (directory / name).write_bytes(bytes(range(256)) * (real // 256))
    return Announced(number, size, name)


def test_a_segment_loses_its_name_when_it_is_mapped(tmp_path: Path) -> None:
    found = memory(tmp_path)
    found.meet([announce(tmp_path, 1)])
    assert list(tmp_path.iterdir()) == []
    assert bytes(found.view(1, 256, 3)) == b"\x00\x01\x02"
    assert found.settle([1]) == ([], [])


def test_a_truncated_segment_is_refused_and_given_up(tmp_path: Path) -> None:
    found = memory(tmp_path)
    found.meet([announce(tmp_path, 1, SIZE, SIZE // 2)])
    with pytest.raises(MalformedCallError, match="32768 bytes, 65536 were announced"):
        found.view(1, 0, 8)
    assert found.settle([1]) == ([], [1])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../serpentry-t-1", "another", "serpentry-t-none"])
def test_no_other_file_is_mapped(tmp_path: Path, name: str) -> None:
    found = memory(tmp_path)
    found.meet([Announced(1, 8, name)])
    with pytest.raises(MalformedCallError, match="cannot be mapped"):
        found.view(1, 0, 8)


def test_bytes_beyond_a_segment_are_refused(tmp_path: Path) -> None:
    found = memory(tmp_path)
    found.meet([announce(tmp_path, 1)])
    with pytest.raises(MalformedCallError, match="do not lie"):
        found.view(1, SIZE - 8, 16)


def test_a_view_of_a_view_keeps_its_segment_until_it_goes(tmp_path: Path) -> None:
    found = memory(tmp_path)
    found.meet([announce(tmp_path, 1)])
    part = found.view(1, 0, 64)[8:16].cast("I")
    assert found.settle([1]) == ([1], [])
    assert found.settle([]) == ([], [])
    del part
    assert found.settle([]) == ([], [1])


def test_results_take_no_more_than_they_are_granted(tmp_path: Path) -> None:
    found = memory(tmp_path)
    assert found.place(memoryview(bytes(8)), 1 << 20) is None, "below the threshold"
    assert found.place(memoryview(bytes(SIZE)), SIZE - 1) is None
    first = found.place(memoryview(bytes(SIZE)), SIZE)
    assert first == (1, 0)
    assert [s.size for s in found.announce(1)] == [SIZE]
    assert found.announce(1) == []
    assert found.place(memoryview(bytes(32)), SIZE) is None, "the only one is in use"
    found.released((1,))
    assert found.place(memoryview(bytes(32)), SIZE) == (1, 0)
    found.released((1,))
    assert found.place(memoryview(bytes(2 * SIZE)), 2 * SIZE) == (2, 0)
    assert found.dropped() == [1]


def test_a_directory_that_cannot_be_written_to_means_the_frame(tmp_path: Path) -> None:
    found = memory(tmp_path / "none")
    assert found.place(memoryview(bytes(SIZE)), 1 << 30) is None


def test_the_other_byte_order_is_refused_by_name() -> None:
    value = Attached(Entry(ARRAY, 11, True, (2,), length=8), memoryview(bytes(8)))
    with pytest.raises(Mismatch) as refused:
        bind(value, memoryview, None, TABLES)
    assert "order" in refused.value.expected
    assert "float32" in refused.value.actual


def test_numpy_hints_check_type_and_shape_and_do_not_copy() -> None:
    np = pytest.importorskip("numpy")
    data = bytearray(np.arange(6, dtype=np.float32).tobytes())
    value = Attached(Entry(ARRAY, 11, False, (2, 3), length=24), memoryview(data))
    array = bind(value, np.ndarray, None, TABLES)
    assert (array.shape, array.dtype.name, array.flags.writeable) == ((2, 3), "float32", False)
    data[0:4] = np.float32(9).tobytes()
    assert array[0, 0] == 9
    with pytest.raises(Mismatch, match="float64"):
        bind(value, np.ndarray[tuple[int, int], np.dtype[np.float64]], None, TABLES)
    with pytest.raises(Mismatch, match="1 dimensions"):
        bind(value, np.ndarray[tuple[int], np.dtype[np.float32]], None, TABLES)


def test_a_type_of_numpy_s_tree_or_a_union_in_a_hint_is_checked() -> None:
    np = pytest.importorskip("numpy")
    value = Attached(Entry(ARRAY, 6, False, (1,), length=4), memoryview(bytes(4)))
    for good in (np.integer[Any], np.int32 | np.int64, np.generic, Any):
        assert bind(value, np.ndarray[Any, np.dtype[good]], None, TABLES).dtype == np.int32
    for bad in (np.floating[Any], np.float32 | np.int64):
        with pytest.raises(Mismatch, match="ndarray of"):
            bind(value, np.ndarray[Any, np.dtype[bad]], None, TABLES)


def test_numpy_results_are_made_contiguous_and_native() -> None:
    np = pytest.importorskip("numpy")
    for array in (
        np.arange(6, dtype=">f4").reshape(2, 3),
        np.arange(12, dtype=np.float32)[::2].reshape(2, 3),
        np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
        np.empty((0, 3), np.float32),
    ):
        out = outgoing(array)
        assert out is not None
        assert (out.type, out.shape) == (11, array.shape)
        assert bytes(out.data) == np.ascontiguousarray(array, dtype="=f4").tobytes()
    assert outgoing(np.array([None])) is None
    assert outgoing(np.float32(1)) is None
