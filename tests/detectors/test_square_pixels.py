"""Real models on twins of one film: the pixels of one are square, those of the others are not, and people agree."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from squeezed import encode

import posecfg
from posecfg import backends
from posecfg.detectors.blazepose import BlazePose
from posecfg.detectors.movenet import MoveNet
from posecfg.models import registry
from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video.video import Video

DEMO = Path(posecfg.__file__).parent / "assets" / "demo.mp4"
MODELS = Path(__file__).resolve().parents[2].parent / "shared" / "models"
LIGHTNING = MODELS / registry.load()["movenet_lightning_int8"].file
SHAPES = [Fraction(4, 3), Fraction(8, 9), Fraction(16, 15)]
FRAMES = 6


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    """Return the demo film anew, by the shape of its pixels."""
    folder = tmp_path_factory.mktemp("twins")
    with av.open(str(DEMO)) as film:
        frames = [frame for frame, _ in zip(film.decode(video=0), range(FRAMES), strict=False)]
    found = {}
    for shape in (Fraction(1), *SHAPES):
        width = int(frames[0].width / shape)
        images = [frame.reformat(width, frame.height, "rgb24").to_ndarray() for frame in frames]
        found[shape] = encode(folder / f"{width}.mp4", images, shape, rate=30)
    return found


def detect(detector, path):
    clip = Clip(id="film", path=path)
    return list(detector(Video(clip, All(), batch=1), clip))


def apart(square, other):
    """Return the median distances of keypoints in x and in y (px), where both films show a person."""
    assert len(square) == len(other) == FRAMES
    assert all(len(one) == len(two) == 1 for one, two in zip(square, other, strict=True))
    distances = [np.abs(one.xy[0] - two.xy[0]) for one, two in zip(square, other, strict=True)]
    sure = [(one.scores[0] > 0.5) & (two.scores[0] > 0.5) for one, two in zip(square, other, strict=True)]
    assert sum(int(points.sum()) for points in sure) > 3 * FRAMES
    return np.median(np.concatenate([d[points] for d, points in zip(distances, sure, strict=True)]), axis=0)


@pytest.mark.skipif(not backends.present("mediapipe"), reason="mediapipe is not installed")
def test_blazepose_finds_people_where_the_square_picture_shows_them(twins):
    square = detect(BlazePose(), twins[Fraction(1)])
    for shape in SHAPES:
        # In stored pixels, x would be off by 54 px (4:3), 29 px (8:9) and 14 px (16:15).
        assert np.all(apart(square, detect(BlazePose(), twins[shape])) < 4)


@pytest.mark.skipif(not backends.present("ai_edge_litert"), reason="ai_edge_litert is not installed")
@pytest.mark.skipif(not LIGHTNING.is_file(), reason="the model is not in the shared folder")
@pytest.mark.parametrize("crop", ["tracked", "padded", "stretch"])
def test_movenet_finds_people_where_the_square_picture_shows_them(twins, monkeypatch, crop):
    monkeypatch.setenv("POSECFG_MODELS", str(MODELS))
    square = detect(MoveNet(crop=crop), twins[Fraction(1)])
    for shape in SHAPES:
        # Its weights are 8 bits wide, so that keypoints jump by some px where a pixel changes.
        assert np.all(apart(square, detect(MoveNet(crop=crop), twins[shape])) < 5)
