"""The folder of remembered detections: whole entries or none, a bound on its size, and any number of writers."""

from __future__ import annotations

import json
import os
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from posecfg.errors import OutputError
from posecfg.store import entry_file
from posecfg.store.memory import Memory, header_of, is_whole

ARRAYS = {"xy": np.arange(12, dtype=np.float32).reshape(2, 3, 2), "rows": np.array([0, -1], np.int64)}
HEADER = {"floor": 0.25, "notes": {"frames": 3}}


def key(number):
    return f"{number:032x}"


def bytes_of(header, arrays):
    return b"".join(entry_file.pack(header, arrays))


@given(
    st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)),
    st.lists(
        st.sampled_from(["<f4", "<f8", "<i8"]).flatmap(
            lambda kind: arrays_of.arrays(kind, arrays_of.array_shapes(min_dims=0, max_side=4, min_side=0))
        ),
        max_size=3,
    ),
)
def test_what_was_packed_comes_back(header, given_arrays):
    header.pop("arrays", None)
    arrays = {f"a{number}": array for number, array in enumerate(given_arrays)}
    told, found = entry_file.unpack(bytes_of(header, arrays))
    assert told == header
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert found[name].tobytes() == array.tobytes()


@given(st.data())
def test_no_byte_can_be_changed_unseen(data):
    whole = bytearray(bytes_of(HEADER, ARRAYS))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(entry_file.Damaged):
        entry_file.unpack(bytes(whole))


@given(st.binary(max_size=400), st.booleans())
def test_noise_is_no_entry(noise, framed):
    if framed:
        noise = entry_file.MAGIC + entry_file._digest([noise]) + noise
    with pytest.raises(entry_file.Damaged):
        entry_file.unpack(noise)


@pytest.mark.parametrize(
    "told",
    [
        [["xy", "<f4", [2**39, 2**39]]],
        [["xy", "<f4", [-1]]],
        [["xy", "|O", [1]]],
        [["xy", "<f4", [True]]],
        [["xy", "<f4", "1"]],
        [["xy"]],
        {},
        None,
        7,
    ],
)
def test_arrays_that_cannot_be_are_refused(told, monkeypatch):
    text = json.dumps({"arrays": told})
    monkeypatch.setattr(entry_file.json, "dumps", lambda value, **_: text)
    with pytest.raises(entry_file.Damaged):
        entry_file.unpack(bytes_of({}, {"xy": np.zeros(1, np.float32)}))


def test_an_entry_is_found_under_its_key_and_kind_only(tmp_path):
    memory = Memory(tmp_path / "memory", 10**6)
    assert memory.empty
    memory.write(key(1), "poses", HEADER, ARRAYS)
    assert not memory.empty
    found = memory.read(key(1), "poses")
    assert found.header == {**HEADER, "key": key(1), "kind": "poses"}
    assert np.array_equal(found.arrays["xy"], ARRAYS["xy"])
    assert not found.arrays["xy"].flags.writeable
    assert memory.read(key(1), "boxes") is memory.read(key(2), "poses") is None
    (item,) = memory.items()
    assert (is_whole(item), header_of(item)["floor"]) == (True, 0.25)
    item.path.rename(item.path.with_name(f"{key(2)}.poses"))
    assert memory.read(key(2), "poses") is None
    assert [is_whole(item) for item in memory.items()] == [False]


def test_the_least_recently_used_go_first(tmp_path):
    size = len(bytes_of({**HEADER, "key": key(0), "kind": "poses"}, ARRAYS))
    memory = Memory(tmp_path, 4 * size)
    for number in range(4):
        memory.write(key(number), "poses", HEADER, ARRAYS)
        os.utime(tmp_path / "00" / f"{key(number)}.poses", (number, number))
    memory.read(key(0), "poses")
    memory.write(key(9), "poses", HEADER, ARRAYS)
    kept = {item.path.stem for item in memory.items()}
    assert {key(0), key(9)} <= kept
    assert len(kept) * size <= 4 * size
    assert key(1) not in kept


def test_an_entry_that_is_larger_than_all_of_it_is_not_kept(tmp_path):
    memory = Memory(tmp_path, 10)
    memory.write(key(1), "poses", HEADER, ARRAYS)
    assert list(memory.items()) == []


def test_another_process_that_filled_it_is_noticed(tmp_path):
    size = len(bytes_of({**HEADER, "key": key(0), "kind": "poses"}, ARRAYS))
    one, other = Memory(tmp_path, 6 * size), Memory(tmp_path, 6 * size)
    for number in range(20):
        (one if number % 2 else other).write(key(number), "poses", HEADER, ARRAYS)
    # Each counts its own until the bound, then looks at what all wrote.
    assert sum(item.bytes for item in one.items()) <= 2 * 6 * size


def test_many_that_fill_it_at_once_stay_near_its_bound(tmp_path):
    limit = 10**6
    memories = [Memory(tmp_path, limit) for _ in range(16)]
    for number in range(64):
        for own, memory in enumerate(memories):
            memory.write(key(100 * number + own), "poses", {}, {"xy": np.zeros(500, np.float32)})
    assert sum(item.bytes for item in Memory(tmp_path, 0).items()) < 1.3 * limit


def test_clearing_removes_what_is_left_where_another_clears_too(tmp_path, monkeypatch):
    memory = Memory(tmp_path, 10**6)
    for number in range(3):
        memory.write(key(number), "poses", HEADER, ARRAYS)
    there = list(memory.items())
    monkeypatch.setattr(Memory, "items", lambda self: iter(there))
    there[1].path.unlink()
    memory.clear()
    assert not any(item.path.exists() for item in there)


def test_clearing_removes_entries_and_what_was_left_half_written_and_nothing_else(tmp_path):
    memory = Memory(tmp_path / "memory", 10**6)
    memory.write(key(1), "poses", HEADER, ARRAYS)
    memory.write(key(2 << 120), "boxes", HEADER, ARRAYS)
    folder = tmp_path / "memory" / "00"
    (folder / f".{key(3)}.poses.abcdef.part").write_bytes(b"half")
    (folder / "mine.txt").write_text("keep")
    (tmp_path / "memory" / "film.mp4").write_text("keep")
    (folder / f"{key(4)}.poses").symlink_to(tmp_path / "memory" / "film.mp4")
    number, size = memory.clear()
    assert (number, size > 0) == (2, True)
    left = {path.relative_to(tmp_path / "memory").as_posix() for path in (tmp_path / "memory").rglob("*")}
    assert left == {"00", "00/mine.txt", f"00/{key(4)}.poses", "film.mp4"}
    assert memory.clear() == (0, 0)


def test_what_a_killed_writer_left_goes_after_a_while(tmp_path):
    memory = Memory(tmp_path, 1000)
    memory.write(key(1), "poses", HEADER, ARRAYS)
    old, new = (tmp_path / "00" / f".{key(n)}.poses.abcdef.part" for n in (3, 4))
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    for number in range(20):
        memory.write(key(number), "poses", HEADER, ARRAYS)
    assert (old.exists(), new.exists()) == (False, True)


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    memory = Memory(tmp_path, 10**6)
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        memory.write(key(1), "poses", HEADER, ARRAYS)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_many_write_and_read_one_entry_at_once(tmp_path):
    wrong = []

    def work(number):
        memory = Memory(tmp_path, 10**6)
        for _ in range(40):
            memory.write(key(1), "poses", {"by": number}, {"xy": np.full(50, number, np.float32)})
            found = memory.read(key(1), "poses")
            if found is None or not (found.arrays["xy"] == found.header["by"]).all():
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(list(Memory(tmp_path, 1).items())) == 1


@pytest.mark.parametrize("which", ["memory", "memory/00"])
def test_nothing_is_written_through_a_link(tmp_path, which):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = tmp_path / which
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(elsewhere)
    with pytest.raises(OutputError, match="is a link"):
        Memory(tmp_path / "memory", 10**6).write(key(1), "poses", HEADER, ARRAYS)
    assert not list(elsewhere.iterdir())
