"""Checkpoints of torch are read without torch, and nothing in them is run."""

from __future__ import annotations

import collections
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torchfiles import WRITERS, Part, streamed, zipped

from posecfg import budgets
from posecfg.errors import PosecfgError
from posecfg.models import torch_file
from posecfg.models.torch_pickle import Saved

OPENMMLAB = Path(__file__).resolve().parents[2] / ".venv-openmmlab/bin/python"
ARRAYS = {
    "half": np.arange(4, dtype="<f2"),
    "float": np.arange(12, dtype="<f4").reshape(3, 4),
    "double": np.full((2, 1), 0.25),
    "long": np.array(7, "<i8"),
    "flags": np.array([True, False]),
    "none": np.zeros((0, 3), "<f4"),
}


@pytest.fixture(params=WRITERS)
def write(request, tmp_path):
    return lambda content, **how: WRITERS[request.param](tmp_path / "model.bin", content, **how)


def tensors(file, key="state"):
    return {name: one for name, one in torch_file.plain(file.content[key]).items() if isinstance(one, Saved)}


def test_arrays_come_back_as_they_were_saved(write):
    content = {"epoch": 3, "state": collections.OrderedDict(ARRAYS), "rates": [0.1, (1, "a")], "no": None}
    file = torch_file.opened(write(content))
    assert (file.content["epoch"], file.content["rates"], file.content["no"]) == (3, [0.1, (1, "a")], None)
    found = file.arrays(tensors(file))
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array, strict=True)


def test_a_tensor_may_be_a_part_of_a_storage_in_another_order(write):
    whole = np.arange(12, dtype="<f4")
    file = torch_file.opened(write({"state": {"t": Part(whole, 1, (3, 2), (1, 4))}}))
    np.testing.assert_array_equal(file.arrays(tensors(file))["t"], [[1, 5], [2, 6], [3, 7]])


def test_what_is_not_asked_for_is_not_read(write, monkeypatch):
    file = torch_file.opened(write({"state": {"a": ARRAYS["float"]}, "optimizer": {"m": np.zeros(1000, "<f4")}}))
    monkeypatch.setattr(budgets, "LOADED", 100)
    assert file.arrays(tensors(file))["a"].shape == (3, 4)
    with pytest.raises(PosecfgError, match=r"would take 4\.0 kB"):
        file.arrays(tensors(file, "optimizer"))


class Hostile:
    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ((os.system, ("touch here",)), "system"),
        ((eval, ("1",)), "eval"),
        ((getattr, (1, "real")), "getattr"),
        ((subprocess.call, (["touch", "here"],)), "call"),
    ],
)
def test_a_file_that_asks_for_code_is_refused_and_nothing_runs(write, call, name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=rf"it asks for \w+\.{name}"):
        torch_file.opened(write({"state": Hostile(*call)}))
    assert not Path("here").exists()


def test_the_state_of_a_random_generator_is_passed_over(write):
    file = torch_file.opened(write({"random_state": np.random.RandomState(1), "state": {"a": ARRAYS["float"]}}))
    assert file.arrays(tensors(file))["a"].shape == (3, 4)


@pytest.mark.parametrize(
    "part",
    [
        Part(np.zeros(4, "<f4"), 2, (3,), (1,)),
        Part(np.zeros(4, "<f4"), 0, (2, 2), (3, 1)),
        Part(np.zeros(4, "<f4"), 0, (1 << 30,), (0,)),
        Part(np.zeros(4, "<f4"), -1, (1,), (1,)),
        Part(np.zeros(4, "<f4"), 0, (2,), (-1,)),
    ],
)
def test_a_tensor_outside_of_its_storage_is_refused(write, part):
    with pytest.raises(ValueError, match="it has a tensor that"):
        torch_file.opened(write({"state": {"t": part}}))


def test_a_storage_that_is_shorter_than_it_says_is_refused(tmp_path):
    def arrays(path):
        file = torch_file.opened(path)
        return file.arrays(tensors(file))

    part = Part(np.zeros(4, "<f4"), 0, (4,), (1,), length=9)
    for write in (zipped, streamed):
        with pytest.raises(ValueError, match="cut short"):
            arrays(write(tmp_path / "model.bin", {"state": {"t": part}}))
    with pytest.raises(ValueError, match="is missing"):
        arrays(zipped(tmp_path / "model.bin", {"state": ARRAYS}, lambda members: members.pop("a/data/1")))
    with pytest.raises(ValueError, match="big-endian"):
        arrays(zipped(tmp_path / "model.bin", {"state": ARRAYS}, lambda m: m.update({"a/byteorder": b"big"})))
    with pytest.raises(ValueError, match="not little-endian"):
        arrays(streamed(tmp_path / "model.bin", {"state": ARRAYS}, "big"))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(WRITERS)), st.floats(0, 1), st.integers(0, 255), st.booleans())
def test_a_damaged_file_is_a_sentence_or_an_array(tmp_path_factory, kind, place, value, cut):
    path = WRITERS[kind](tmp_path_factory.mktemp("torch") / "model.bin", {"state": ARRAYS, "epoch": 1})
    data = bytearray(path.read_bytes())
    at = int(place * (len(data) - 1))
    data[at] = value
    path.write_bytes(data[:at] if cut else data)
    try:
        file = torch_file.opened(path)
        saved = torch_file.plain(torch_file.plain(file.content).get("state"))
        file.arrays({name: one for name, one in saved.items() if isinstance(one, Saved)})
    except (ValueError, OSError, PosecfgError):
        pass


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"PK\3\4" + bytes(50), b"\x80\x02K\x01.", pickle.dumps([1] * 9, 2)])
def test_what_is_no_file_of_torch_is_said_so(tmp_path, data):
    (tmp_path / "x.bin").write_bytes(data)
    with pytest.raises(ValueError, match=r"\w"):
        torch_file.opened(tmp_path / "x.bin")


@pytest.mark.skipif(not OPENMMLAB.exists(), reason="needs an environment with torch (make test-openmmlab)")
@pytest.mark.parametrize("new", [True, False])
def test_files_of_torch_itself_are_read(tmp_path, new):
    code = (
        "import sys, torch; s = {'a': torch.arange(6.).reshape(2, 3).T, 'p': torch.nn.Parameter(torch.ones(2))};"
        f"torch.save({{'state': s}}, sys.argv[1], _use_new_zipfile_serialization={new})"
    )
    subprocess.run(
        [OPENMMLAB, "-c", code, tmp_path / "t.bin"], check=True, cwd=tmp_path, env={"PATH": os.environ["PATH"]}
    )
    file = torch_file.opened(tmp_path / "t.bin")
    found = file.arrays(tensors(file))
    np.testing.assert_array_equal(found["a"], np.arange(6, dtype=np.float32).reshape(2, 3).T)
    np.testing.assert_array_equal(found["p"], np.ones(2, np.float32))
    assert sys.modules.get("torch") is None
