from __future__ import annotations

import numpy as np
import onnxgraphs
import pytest
from stills import Stills

from posecfg.detectors.topdown.crops import Crops, shares
from posecfg.detectors.topdown.graph import Opened
from posecfg.detectors.topdown.pixels import MEAN, STD
from posecfg.runtimes.onnx import Session
from posecfg.types import Boxes

for package in ("onnxruntime", "onnx"):
    pytest.importorskip(package, reason=f"{package} is not installed")
cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")

SIZE = (24, 32)


def boxes(*xyxy):
    rows = np.array(xyxy, np.float32).reshape(-1, 4)
    return Boxes(rows, np.full(len(rows), 0.9, np.float32))


def test_people_of_all_frames_are_in_one_row():
    people = [boxes([0, 0, 1, 1]), boxes(), boxes([0, 0, 1, 1], [0, 0, 2, 2])]
    assert shares(people) == [slice(0, 1), slice(1, 1), slice(1, 3)]
    assert shares([]) == []


def test_pixels_are_those_of_the_models_own_pipeline(noise, tmp_path, weights):
    """A graph that gives back a line of its input, held against the words of the original."""
    from onnx import helper

    width, height = SIZE
    bins = {"x": 2 * width, "y": 2 * height}
    nodes, gives = [], []
    for name, length in bins.items():
        nodes.append(helper.make_node("Reshape", ["input", "flat"], [f"{name}_flat"]))
        nodes.append(helper.make_node("Slice", [f"{name}_flat", "from", f"{name}_to", "axis"], [f"{name}_part"]))
        nodes.append(helper.make_node("Reshape", [f"{name}_part", f"{name}_shape"], [name]))
        gives.append((name, ("n", 1, length)))
    constants = {
        "flat": np.array([-1, 3 * width * height]),
        "from": np.array([0]),
        "axis": np.array([1]),
        **{f"{name}_to": np.array([length]) for name, length in bins.items()},
        **{f"{name}_shape": np.array([-1, 1, length]) for name, length in bins.items()},
    }
    path = onnxgraphs.save(tmp_path / "echo.onnx", nodes, [("input", ("n", 3, height, width))], gives, constants)
    net = Opened(cv2, Session(path, "echo", "cpu"), SIZE, {})
    crops = Crops(net, 1.25, None)
    frames = noise(1, (90, 70))
    box = np.array([13.25, 7.5, 61.75, 50.125], np.float32)
    ((_, (x, y)),) = crops(Stills(frames), [boxes(box)])

    centre, sides = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) * np.float32(1.25)
    sides = (sides[0], sides[0] / (3 / 4)) if sides[0] > sides[1] * 0.75 else (sides[1] * 0.75, sides[1])
    left = np.float32(centre[0] - sides[0] / 2)
    source = np.array([centre, (left, centre[1]), (left, centre[1] + (centre[0] - left))], np.float32)
    target = np.array([(12, 16), (0, 16), (0, 28)], np.float32)
    bgr = np.ascontiguousarray(frames[0][..., ::-1])
    picture = cv2.warpAffine(bgr, cv2.getAffineTransform(source, target), SIZE, flags=cv2.INTER_LINEAR)[..., ::-1]
    wanted = (picture.astype(np.float32) - np.array(MEAN, np.float32)) / np.array(STD, np.float32)
    flat = wanted.transpose(2, 0, 1).reshape(-1)
    assert np.array_equal(x[0, 0], flat[:48])
    assert np.array_equal(y[0, 0], flat[:64])
