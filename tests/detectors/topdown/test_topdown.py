from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxgraphs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stills import Stills, split
from told import facts

from posecfg import skeletons
from posecfg.components.build import build
from posecfg.components.parts import parts, skeleton
from posecfg.detectors.topdown.parts import Points
from posecfg.detectors.topdown.shared import Every, Shared
from posecfg.detectors.topdown.topdown import TopDown
from posecfg.errors import ConfigError
from posecfg.types import Boxes, Clip, Meaning

CLIP, PICTURES = Clip("clip", Path("clip.mp4")), Clip("pictures", Path("pictures"), independent=True)
CONFIG = {
    "_target_": "posecfg.detectors.topdown.topdown.TopDown",
    "boxes": {
        "_target_": "posecfg.detectors.topdown.rtmdet.RtmDet",
        "model": "rtmdet_nano",
        "score_thr": 0.3,
        "device": "auto",
    },
    "pose": {"_target_": "posecfg.detectors.topdown.simcc3d.SimCC3D", "model": "rtmw3d_x", "depth": "camera"},
    "det_every": 1,
}


class People:
    """Finds in frame i (i + 1) % 3 people, whose boxes begin at i."""

    device, batch = "cpu", 2

    def __init__(self):
        self.weights, self.notes, self.seen = {"people": "aa"}, {}, []

    def __call__(self, frames):
        self.seen += frames.indices.tolist()
        frames.rgb()
        found = []
        for index in frames.indices:
            count = (index + 1) % 3
            corners = np.full((count, 1), index, np.float32) + np.arange(4, dtype=np.float32)
            found.append(Boxes(corners, np.linspace(1, 0.5, count, dtype=np.float32)))
        return found


class Corners:
    """Puts every keypoint at the corner of the box plus the frame's number, and the score there too."""

    skeleton = skeletons.load("coco17")
    meaning = Meaning("simcc", depth="m")
    device, batch = "cpu", 5

    def __init__(self):
        self.weights, self.notes = {"corners": "bb"}, {"corners": 1}

    def __call__(self, frames, boxes):
        frames.rgb()
        found = []
        for index, own in zip(frames.indices, boxes, strict=True):
            xy = np.repeat(own.xyxy[:, None, :2] + np.float32(1000 * index), 17, axis=1)
            found.append(Points(xy, xy[..., 0].copy(), xy[..., 1].copy()))
        return found


def frames(count, size=(8, 6)):
    return np.zeros((count, size[1], size[0], 3), np.uint8)


def run(detector, batches, clip=CLIP):
    return [(p.boxes.xyxy.tolist(), p.boxes.scores.tolist(), p.xy.tolist()) for p in detector(batches, clip)]


def test_each_frame_gets_its_own_people():
    poses = list(TopDown(People(), Corners())(split(frames(4), 3), CLIP))
    assert [len(pose) for pose in poses] == [1, 2, 0, 1]
    for index, pose in enumerate(poses):
        assert pose.xy.shape == (len(pose), 17, 2)
        assert (pose.xy[..., 0] == 1001 * index).all()
        assert (pose.boxes.xyxy[:, 0] == index).all()
        assert pose.depth.shape == pose.scores.shape == (len(pose), 17)
        assert (pose.skeleton.name, pose.meaning.depth) == ("coco17", "m")
    assert list(TopDown(People(), Corners())([], CLIP)) == []


@given(st.integers(1, 7), st.lists(st.integers(1, 5), max_size=6))
def test_people_are_looked_for_in_every_kth_frame_however_frames_are_batched(every, lengths):
    count = 17
    people = People()
    found = run(TopDown(people, Corners(), det_every=every), split(frames(count), *lengths))
    looked = list(range(0, count, every))
    assert people.seen == looked
    assert len(found) == count
    for index, (xyxy, _, xy) in enumerate(found):
        last = index - index % every
        assert len(xyxy) == (last + 1) % 3
        assert all(row[0] == last for row in xyxy)
        assert all(point == [last + 1000 * index, last + 1 + 1000 * index] for person in xy for point in person)


def test_every_clip_starts_afresh_and_two_at_once_do_not_mix():
    detector = TopDown(People(), Corners(), det_every=4)
    alone = run(detector, split(frames(6), 1, 2))
    assert run(detector, split(frames(6))) == alone
    one, two = (detector(split(frames(6), 1, 1, 1, 1, 1), CLIP) for _ in range(2))
    assert [a.xy.tolist() for a, _ in zip(one, two, strict=True)] == [xy for _, _, xy in alone]


def test_unrelated_pictures_are_all_looked_at():
    people = People()
    run(TopDown(people, Corners(), det_every=4), split(frames(5), 2), PICTURES)
    assert people.seen == [0, 1, 2, 3, 4]


def test_pixels_are_converted_once_for_both():
    batch = Stills(frames(3))
    list(TopDown(People(), Corners())([batch], CLIP))
    assert batch.asked == [(None, None)]


def test_facts_come_from_the_parts():
    detector = TopDown(People(), Corners())
    assert (detector.device, detector.batch) == ("cpu", 5)
    assert detector.weights == {"people": "aa", "corners": "bb"}
    assert detector.notes == {"corners": 1}
    assert TopDown(People(), Corners(), batch=1).batch == 1
    on_gpu = People()
    on_gpu.device = "cuda"
    assert TopDown(on_gpu, Corners()).device == "cuda, cpu"


def test_facts_of_a_configuration_need_nothing_to_be_built():
    found = {part.where: part for part in parts(CONFIG, "detector")}
    assert list(found) == ["detector", "detector.boxes", "detector.pose"]
    assert skeleton({"detector": CONFIG}) == "wholebody133"
    assert [found[f"detector.{name}"].facts.weights for name in ("boxes", "pose")] == [
        ("rtmdet_nano",),
        ("rtmw3d_x",),
    ]
    assert found["detector"].facts.weights == found["detector"].facts.packages == ()
    assert found["detector.boxes"].facts.packages == ("onnxruntime", "cv2")
    assert "tensorrt" in found["detector.pose"].facts.devices
    assert found["detector"].facts.stateful is False
    assert found["detector"].facts.devices is None


@pytest.mark.parametrize(
    ("pose", "name"),
    [
        ({"_target_": "posecfg.detectors.topdown.simcc2d.SimCC2D", "skeleton": "wholebody133"}, "wholebody133"),
        ({"_target_": "posecfg.detectors.topdown.simcc2d.SimCC2D"}, "coco17"),
        ({"_target_": "posecfg.detectors.topdown.movenet_head.MoveNetHead", "model": "thunder"}, "coco17"),
        ({}, None),
        (None, None),
    ],
)
def test_the_skeleton_is_that_of_the_configured_head(pose, name):
    assert facts(TopDown, boxes={}, pose=pose, det_every=2).skeleton == name


def test_carried_boxes_make_it_stateful():
    assert [facts(TopDown, boxes={}, pose={}, det_every=every).stateful for every in (1, 2)] == [False, True]
    assert facts(TopDown, boxes={}, pose={}).stateless_by == "detector.det_every=1"


@pytest.mark.parametrize("options", [{"det_every": 0}, {"batch": 0}])
def test_arguments_that_cannot_work_are_refused(options):
    (name,) = options
    with pytest.raises(ConfigError, match=f"Expected {name} to be at least 1"):
        TopDown(People(), Corners(), **options)


def test_a_configuration_is_built_from_the_inside_out(tmp_path, weights):
    for package in ("onnxruntime", "onnx", "cv2"):
        pytest.importorskip(package, reason=f"{package} is not installed")
    weights("rtmdet_nano", onnxgraphs.glow(tmp_path / "glow.onnx", 64, reach=2))
    weights("rtmw3d_x", onnxgraphs.spots(tmp_path / "spots.onnx", (24, 32), 133, np.eye(133, 576)))
    detector = build(CONFIG, "detector")
    red = frames(5, (128, 96))
    for index, picture in enumerate(red):
        picture[32:48, 16 * index + 16 : 16 * index + 32, 0] = 255
    poses = list(detector([Stills(red)], CLIP))
    assert [len(pose) for pose in poses] == [1] * 5
    for index, pose in enumerate(poses):
        # The first of the red px, through two networks.
        assert np.abs(pose.xy - [16 * index + 16, 32]).max() < 4
        assert np.isfinite(pose.depth).all()
    assert set(detector.weights) == {"rtmdet_nano", "rtmw3d_x"}


def test_views_of_frames_are_frames():
    pixels = np.arange(5 * 4 * 6 * 3, dtype=np.uint8).reshape(5, 4, 6, 3)
    shared = Shared(Stills(pixels, first=10))
    every = Every(shared, 1, 3)
    assert len(every) == 2
    assert every.indices.tolist() == [11, 14]
    assert (every.size, every.tick) == (shared.size, shared.tick)
    assert np.array_equal(every.times, shared.times[[1, 4]])
    assert np.array_equal(every.rgb(), pixels[[1, 4]])
    assert np.shares_memory(every.rgb(), shared.rgb())
    assert np.array_equal(every.rgb(3, 2), shared.rgb(3, 2)[[1, 4]])
    box = np.array([[0, 0, 4, 4], [2, 0, 6, 4]])
    assert np.array_equal(every.crop(box, 4, 4), [pixels[1][:, :4], pixels[4][:, 2:]])
    assert every.planes() == ["planes 11", "planes 14"]
    assert np.array_equal(every.luma(2), shared.luma(2)[[1, 4]])


def test_importing_the_modules_loads_no_backend():
    code = """
import importlib, pkgutil, sys
import posecfg.detectors.topdown as package
for module in pkgutil.iter_modules(package.__path__):
    importlib.import_module(f"{package.__name__}.{module.name}")
sys.stdout.write(" ".join(sorted({"numpy", "onnxruntime", "cv2", "av", "ai_edge_litert"} & set(sys.modules))))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == ""
