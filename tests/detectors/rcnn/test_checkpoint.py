"""Files that are no keypoint R-CNN, damaged, or hostile: one sentence each."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import rcnnnets

from posecfg.detectors.rcnn import checkpoint
from posecfg.errors import PosecfgError, WeightsError

BLOCKS = (3, 4, 6, 3)
NAME = "detectron2_r50"


def read(path, groups=1, depth=50):
    return checkpoint.arrays(path, NAME, groups, depth)


@pytest.fixture(scope="module")
def net():
    return rcnnnets.weights(blocks=BLOCKS)


def test_arrays_are_those_that_were_written(tmp_path, net):
    found = read(rcnnnets.pickled(tmp_path / "a.pkl", net))
    assert set(found) == set(net)
    for name, array in net.items():
        np.testing.assert_array_equal(found[name], array)


def without(net, name):
    return {key: array for key, array in net.items() if key != name}


FC1 = "roi_heads.box_head.fc1.weight"
LATERAL = "backbone.fpn_lateral4.bias"
CHANGES = {
    "lacks": (lambda net: without(net, LATERAL), rf"it lacks {LATERAL}"),
    "lacks the first": (lambda net: without(net, FC1), rf"it lacks {FC1}"),
    "has more": (lambda net: net | {"roi_heads.mask_head.deconv.weight": net[FC1]}, r"it has roi_heads\.mask_head"),
    "another shape": (lambda net: net | {LATERAL: net[FC1]}, rf"it has {LATERAL} of \(10, 294\), not \(6,\)"),
    "80 kinds of things": (
        lambda net: net | {"roi_heads.box_predictor.cls_score.bias": np.zeros(81, np.float32)},
        r"it has .*cls_score\.bias of \(81,\), not \(2,\)",
    ),
    "axes": (lambda net: net | {FC1: net[LATERAL]}, "its arrays have other axes"),
    "nothing": (lambda net: {}, "it lacks"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_network_says_what_differs(tmp_path, net, change):
    change, words = CHANGES[change]
    path = rcnnnets.pickled(tmp_path / "a.pkl", change(net))
    with pytest.raises(
        WeightsError, match=rf"Expected '.*a\.pkl' to be a keypoint R-CNN .*, but {words}.*models fetch"
    ):
        read(path)


def test_another_depth_says_so(tmp_path, net):
    path = rcnnnets.pickled(tmp_path / "a.pkl", net)
    with pytest.raises(WeightsError, match="with ResNet-101, but its ResNet has 50 layers"):
        read(path, depth=101)
    with pytest.raises(WeightsError, match=r"with ResNet-50 of 2 groups, but it has .*conv2\.weight of"):
        read(path, groups=2)


class Runs:
    def __reduce__(self):
        return (exec, ("raise SystemExit('code of a file ran')",))


HOSTILE = {
    "code": pickle.dumps({"model": Runs()}, 2),
    "a global": b"cos\nsystem\n.",
    "objects": pickle.dumps({"model": {"x": np.array([object()], object)}}, 2),
    "a class changed": b"cnumpy\nndarray\n(dS'a'\nI1\nsb.",
    "a storage": pickle.dumps({"model": 1}, 2)[:-1] + b"I1\nQ.",
    "no pickle": b"model final",
    "nothing": b"",
    "a list": pickle.dumps([1, 2]),
    "zip": b"PK\x03\x04nothing else",
}


@pytest.mark.parametrize("content", HOSTILE)
def test_files_that_want_more_than_to_be_read_are_refused(tmp_path, content):
    path = tmp_path / "a.pkl"
    path.write_bytes(HOSTILE[content])
    with pytest.raises(WeightsError, match=r"Expected '.*a\.pkl' to be a keypoint R-CNN") as told:
        read(path)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("share", [0.001, 0.3, 0.7, 0.9999])
def test_a_file_that_is_cut_short_is_refused(tmp_path, net, share):
    path = rcnnnets.pickled(tmp_path / "a.pkl", net)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(WeightsError, match="Expected"):
        read(path)


def test_an_array_of_another_size_than_its_data_is_refused(tmp_path, net):
    path = rcnnnets.pickled(tmp_path / "a.pkl", {LATERAL: net[LATERAL]}, 3)
    data = net[LATERAL].tobytes()
    path.write_bytes(path.read_bytes().replace(b"C" + bytes([len(data)]) + data, b"C" + bytes([4]) + data[:4]))
    from posecfg.models import numpy_pickle

    packed = numpy_pickle.read(path)["model"][LATERAL]
    assert packed.shape == (6,)
    with pytest.raises(ValueError, match="another size than its data"):
        packed.array()


def test_a_file_too_large_for_memory_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "a.pkl"
    with path.open("wb") as file:
        file.truncate(3 << 30)
    with pytest.raises(PosecfgError, match="would take"):
        read(path)
