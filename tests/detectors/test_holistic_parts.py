"""How the parts of MediaPipe's holistic graph become one pose, with a graph that stands in for it."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from stills import Stills

from posecfg.detectors import holistic, mediapipe_bindings
from posecfg.detectors.holistic import Holistic
from posecfg.detectors.mediapipe_graph import Landmarks
from posecfg.models import store
from posecfg.types import Clip


def cloud(count, seed):
    return np.random.default_rng(seed).random((count, 4)).astype(np.float32)


class Told:
    """What a graph saw in one picture: the parts that ``there`` lists."""

    def __init__(self, there):
        self.there = there

    def person(self):
        return Landmarks(cloud(33, 1), cloud(33, 2), 0.75) if "body" in self.there else None

    @staticmethod
    def _part(stream):
        if "face" in stream:
            return "face"
        return "left" if stream.startswith("left") or "posecpu_1__" in stream else "right"

    def landmarks(self, stream):
        part = self._part(stream)
        if part not in self.there:
            return None
        count = 468 if part == "face" else 21
        return cloud(count, len(stream))[:, :3]

    def number(self, stream):
        part = self._part(stream)
        return {"left": 0.9, "right": 0.4, "face": 0.8}[part] if part in self.there else None


@pytest.fixture
def built(monkeypatch):
    """Return a function that builds the detector on a graph that sees certain parts in each picture."""

    def build(*pictures, **options):
        class Stand:
            def __init__(self, bindings, plan, settings, model, flags):
                self.plan = plan

            @contextmanager
            def start(self, static, smooth):
                answers = iter(pictures)
                yield lambda rgb, now: Told(next(answers))

        monkeypatch.setattr(mediapipe_bindings, "load", lambda wanted_by: None)
        monkeypatch.setattr(store, "find", lambda name: Path(name))
        monkeypatch.setattr(store, "sha256", lambda name: "0" * 64)
        monkeypatch.setattr(holistic, "Graph", Stand)
        detector = Holistic(**options)
        frames = Stills(np.zeros((len(pictures), 40, 80, 3), np.uint8))
        return list(detector([frames], Clip("clip", Path("clip.mp4")))), detector

    return build


def test_parts_are_put_in_the_order_of_the_skeleton_and_missing_ones_are_nan(built):
    (first, second, third), detector = built({"body", "face", "right"}, {"body", "left"}, set())
    at = first.skeleton.index
    assert len(third) == 0
    for poses, there in ((first, {"face": 0.8, "right": 0.4}), (second, {"left": 0.9})):
        assert np.array_equal(poses.xy[0, :33], cloud(33, 1)[:, :2] * np.float32([80, 40]))
        assert np.array_equal(poses.depth[0, :33], cloud(33, 1)[:, 2] * np.float32(80))
        assert np.array_equal(poses.scores[0, :33], cloud(33, 1)[:, 3])
        assert poses.boxes.scores[0] == 0.75
        for part, begin, count in (("face", 33, 468), ("left", 501, 21), ("right", 522, 21)):
            rows = slice(begin, begin + count)
            assert np.isfinite(poses.xy[0, rows]).all() == (part in there)
            assert np.isnan(poses.xy[0, rows]).all() == (part not in there)
            np.testing.assert_allclose(poses.scores[0, rows], there.get(part, 0))
            assert np.isfinite(poses.xyz[0, rows]).all() == (part in there and part != "face")
    hand = first.xyz[0, 522:543]
    assert np.array_equal(hand[0], first.xyz[0, at["right_wrist"]])
    space = cloud(21, len(detector._graph.plan.streams[-1]))[:, :3]
    np.testing.assert_allclose(hand - hand[0], space - space[0], atol=1e-6)


def test_a_part_that_is_left_out_is_not_asked_for(built):
    (body,), detector = built({"body", "face", "left", "right"}, hands=False)
    assert body.skeleton.name == "holistic501"
    assert not any("hand" in stream for stream in (*detector._graph.plan.streams, *detector._graph.plan.loops))
    assert detector._graph.plan.without == ("handlandmarksleftandrightcpu__",)
    (hands,), detector = built({"body", "face", "left", "right"}, face="none")
    assert hands.skeleton.name == "holistic75"
    assert np.isfinite(hands.xyz).all()
    assert not any("face" in stream for stream in detector._graph.plan.streams)
