"""The packages' own inference, our classes on torch, and our classes on the exported graph find the same."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from stills import Stills

from posecfg.detectors.topdown.graph import RUNTIMES
from posecfg.detectors.topdown.rtmdet import RtmDet
from posecfg.detectors.topdown.simcc2d import SimCC2D
from posecfg.detectors.topdown.simcc3d import SimCC3D
from posecfg.detectors.topdown.topdown import TopDown
from posecfg.types import Boxes, Clip

PX, METRES, SCORES = 0.01, 1e-4, 1e-3
LEAST = 5
# Where two boxes overlap just as much as is allowed, or two bins are equally full, rounding decides.
TOSSED = 0.02
SCORE_THR = 0.1
ENGINES = [("openmmlab", 1), ("openmmlab", 3), ("onnx", 1), ("onnx", 3)]
RTMW3D = pytest.param(
    "rtmw3d_l",
    marks=pytest.mark.skipif(not os.environ.get("POSECFG_MMPOSE"), reason="POSECFG_MMPOSE names no checkout of mmpose"),
)


class Figures:
    """How far numbers are apart, but for the few that rounding decided."""

    def __init__(self):
        self.worst, self.count, self.tossed = {}, {}, {}

    def compare(self, what, native, own, limit):
        difference = np.abs(np.asarray(native, np.float64) - np.asarray(own, np.float64))
        far = difference > limit
        assert far.mean() <= TOSSED, f"{far.sum()} of {far.size} {what} are up to {difference.max()} apart"
        self.worst[what] = max(self.worst.get(what, 0.0), difference[~far].max())
        self.count[what] = self.count.get(what, 0) + far.size
        self.tossed[what] = self.tossed.get(what, 0) + int(far.sum())

    def __str__(self):
        return ", ".join(
            f"{what}: {count} within {self.worst[what]:.2g}" + f" but for {self.tossed[what]}" * (self.tossed[what] > 0)
            for what, count in self.count.items()
        )


@pytest.fixture
def opened(forge, known_as):
    """Return a network, and a function that opens it with our class ``kind``."""

    def make(name, kind, runtime, batch, **options):
        forged = forge(name)
        known_as(**{name: forged.graph, f"{name}_torch": forged.checkpoint})
        one = kind(model=name, runtime=runtime, device="cpu", threads=1, batch=batch, **options)
        assert (one.device, one.batch) == ("cpu", batch)
        return forged.network, one

    return make


@pytest.mark.parametrize(("runtime", "batch"), ENGINES)
@pytest.mark.parametrize("name", ["rtmdet_nano", "rtmdet_m"])
def test_boxes_are_those_of_inference_detector(opened, native_boxes, pictures, show, name, runtime, batch):
    _, own = opened(name, RtmDet, runtime, batch, score_thr=SCORE_THR)
    figures = Figures()
    for named, frames in pictures.items():
        for native, found in zip(native_boxes(name, named), own(Stills(frames)), strict=True):
            assert len(native) >= LEAST, f"only {len(native)} boxes on {named}"
            assert abs(len(native) - len(found)) <= TOSSED * len(native)
            nearest = np.abs(native.xyxy[:, None] - found.xyxy[None]).max(axis=2)
            twins = nearest.argmin(axis=1)
            figures.compare("edges in px", nearest.min(axis=1), 0, PX)
            figures.compare("scores", native.scores, found.scores[twins], SCORES)
    show(figures)


@pytest.fixture(scope="session")
def native_boxes(forge, pictures):
    """Run inference_detector, once for each picture."""
    from mmdet.apis import inference_detector

    from posecfg.openmmlab import compat

    made = {}

    def run(name, picture):
        if (name, picture) not in made:
            model = forge(name).network.model
            model.bbox_head.test_cfg.score_thr = SCORE_THR
            with compat.quiet():
                found = [inference_detector(model, bgr(one)).pred_instances for one in pictures[picture]]
            made[name, picture] = [Boxes(one.bboxes.numpy(), one.scores.numpy()) for one in found]
        return made[name, picture]

    return run


def bgr(picture):
    return np.ascontiguousarray(picture[..., ::-1])


def people(frames, seed=0):
    """Boxes of people in each frame: wide and tall ones, some partly outside, one of a few px."""
    chance = np.random.default_rng(seed)
    height, width = frames.shape[1:3]
    made = []
    for number in range(len(frames)):
        middles = chance.uniform((0, 0), (width, height), (2 + number, 2))
        reach = chance.uniform(0.05, 0.6, (2 + number, 2)) * (width, height) / 2
        xyxy = np.concatenate([middles - reach, middles + reach], axis=1)
        made.append(np.concatenate([xyxy, [[10, 10, 14.5, 17]]]).astype(np.float32))
    return [Boxes(xyxy, np.ones(len(xyxy), np.float32)) for xyxy in made]


@pytest.fixture(scope="session")
def native_points(forge, pictures):
    """Run inference_topdown, once for each picture."""
    from mmpose.apis import inference_topdown

    from posecfg.openmmlab import compat

    made = {}

    def run(name, picture):
        if (name, picture) not in made:
            model, frames = forge(name).network.model, pictures[picture]
            with compat.quiet():
                made[name, picture] = [
                    inference_topdown(model, bgr(frame), boxes.xyxy)
                    for frame, boxes in zip(frames, people(frames), strict=True)
                ]
        return made[name, picture]

    return run


@pytest.mark.parametrize(("runtime", "batch"), ENGINES)
@pytest.mark.parametrize("name", ["rtmpose_m", RTMW3D])
def test_keypoints_are_those_of_inference_topdown(opened, native_points, pictures, show, name, runtime, batch):
    deep = name.startswith("rtmw3d")
    _, own = opened(name, SimCC3D if deep else SimCC2D, runtime, batch, **({"depth": "camera"} if deep else {}))
    figures = Figures()
    for named, frames in pictures.items():
        for found, native in zip(own(Stills(frames), people(frames)), native_points(name, named), strict=True):
            instances = [one.pred_instances for one in native]
            assert len(instances) == len(found.xy) > 0
            xy = np.concatenate([one.transformed_keypoints if deep else one.keypoints for one in instances])
            scores = np.concatenate([one.keypoint_scores for one in instances])
            there = scores > 0
            assert there.mean() > 0.5
            assert np.array_equal(there, np.isfinite(found.xy).all(axis=2))
            # What does not depend on the picture would prove nothing.
            assert np.std(xy[there], axis=0).min() > 5
            figures.compare("coordinates in px", xy[there], found.xy[there], PX)
            figures.compare("scores", scores[there], found.scores[there], SCORES)
            if deep:
                z = np.concatenate([one.keypoints[..., 2] for one in instances])
                assert np.std(z[there]) > 0.1
                figures.compare("depths in m", z[there], found.depth[there], METRES)
    show(figures)


@pytest.mark.parametrize(("runtime", "batch"), ENGINES)
def test_keypoints_of_flip_test_are_those_of_inference_topdown_with_it(opened, pictures, show, runtime, batch):
    from mmpose.apis import inference_topdown

    from posecfg.openmmlab import compat

    network, own = opened("rtmpose_m", SimCC2D, runtime, batch, flip_test=True)
    _, plain = opened("rtmpose_m", SimCC2D, runtime, batch)
    figures, frames, apart = Figures(), pictures["shapes"][:2], []
    network.model.test_cfg.flip_test = True
    try:
        with compat.quiet():
            native = [
                inference_topdown(network.model, bgr(frame), boxes.xyxy)
                for frame, boxes in zip(frames, people(frames), strict=True)
            ]
    finally:
        network.model.test_cfg.flip_test = False
    boxes = people(frames)
    for found, without, one in zip(own(Stills(frames), boxes), plain(Stills(frames), boxes), native, strict=True):
        xy = np.concatenate([instance.pred_instances.keypoints for instance in one])
        scores = np.concatenate([instance.pred_instances.keypoint_scores for instance in one])
        there = scores > 0
        assert there.mean() > 0.5
        figures.compare("coordinates in px", xy[there], found.xy[there], PX)
        figures.compare("scores", scores[there], found.scores[there], SCORES)
        apart.append(np.abs(found.xy - without.xy)[there].max())
    # What a mirrored look changes nothing in would prove nothing.
    assert max(apart) > 1
    show(figures)


def test_a_checkpoint_of_ones_own_has_the_keypoints_that_its_skeleton_names(tmp_path, pictures):
    """As a network that was trained for other keypoints; a graph of it would give the same bins."""
    import torch

    from posecfg.errors import WeightsError
    from posecfg.openmmlab import compat
    from posecfg.openmmlab.networks import blank

    network, path = blank("rtmpose_t", points=5), tmp_path / "mine.pth"
    torch.save({"state_dict": network.model.state_dict()}, path)
    (tmp_path / "mine.yaml").write_text("keypoints: [a, b, c, left_d, right_d]")
    words = {"runtime": "openmmlab", "device": "cpu", "weights": str(path)}
    own = SimCC2D("rtmpose_t", str(tmp_path / "mine.yaml"), **words)
    frames = pictures["shapes"][:1]
    (points,) = own(Stills(frames), people(frames))
    assert points.xy.shape[1:] == (5, 2)
    rows = torch.rand(2, 3, 256, 192)
    with torch.inference_mode(), compat.quiet():
        wanted = [one.numpy() for one in network.graph(rows)]
    for found, known in zip(own._crops._portions._graph(rows.numpy()), wanted, strict=True):
        np.testing.assert_allclose(found, known, atol=1e-5)
    with pytest.raises(WeightsError, match=r"has in another shape head\.final_layer"):
        SimCC2D("rtmpose_t", "coco17", **words)


@pytest.fixture
def chain(forge, known_as):
    """Return the whole detector, both of its networks on one engine."""
    names = ("rtmdet_nano", "rtmpose_m")
    known_as(**{name: forge(name).graph for name in names})
    known_as(**{f"{name}_torch": forge(name).checkpoint for name in names})

    def make(runtime):
        options = {"runtime": runtime, "device": "cpu", "threads": 1}
        return TopDown(RtmDet("rtmdet_nano", SCORE_THR, **options), SimCC2D("rtmpose_m", **options), batch=2)

    return make


def test_the_whole_chain_finds_the_same_people_with_either_engine(chain, pictures):
    grey = np.full_like(pictures["shapes"][:1], 114)
    frames = np.concatenate([pictures["shapes"], grey])
    clip = Clip("a", Path("a.mp4"))
    both = [list(chain(runtime)([Stills(frames[:2]), Stills(frames[2:], 2)], clip)) for runtime in RUNTIMES]
    for one, other in zip(*both, strict=True):
        assert len(one) == len(other)
        assert np.allclose(one.boxes.xyxy, other.boxes.xyxy, atol=PX)
        off = np.abs(one.xy - other.xy).max(axis=2) > PX
        assert off.mean() <= TOSSED if off.size else True
    assert sum(map(len, both[0])) >= LEAST


def test_without_a_box_there_is_no_pose_where_the_package_would_take_the_whole_picture(opened, pictures):
    network, own = opened("rtmpose_m", SimCC2D, "openmmlab", 1)
    from mmpose.apis import inference_topdown

    from posecfg.openmmlab import compat

    picture = pictures["shapes"][:1]
    none = Boxes(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))
    with compat.quiet():
        assert len(inference_topdown(network.model, bgr(picture[0]), none.xyxy)) == 1
    (points,) = own(Stills(picture), [none])
    assert points.xy.shape == (0, 17, 2)


def test_what_was_loaded_is_named_with_its_hash(opened, forge):
    from posecfg.models.files import digest

    _, own = opened("rtmdet_nano", RtmDet, "openmmlab", 1)
    assert own.weights == {"rtmdet_nano_torch": digest(forge("rtmdet_nano").checkpoint)}
