from __future__ import annotations

import numpy as np
import pytest
import tinygraphs
from hypothesis import given
from hypothesis import strategies as st
from stills import Stills
from told import facts

from posecfg.detectors import tflite
from posecfg.detectors.topdown.movenet_head import MoveNetHead, squared
from posecfg.errors import ConfigError
from posecfg.types import Boxes

PLACES = st.floats(-3000, 5000, width=32)


@pytest.fixture
def head(monkeypatch, weights, tmp_path):
    """Build a head whose model finds coloured spots."""
    path = tmp_path / "movenet.tflite"
    path.write_bytes(b"spots")
    weights("movenet_lightning_int8", path)
    monkeypatch.setattr(tflite, "load", lambda runtime, wanted_by: tinygraphs.Spots)
    return lambda **options: MoveNetHead(**options)


def boxes(*xyxy):
    rows = np.array(xyxy, np.float32).reshape(-1, 4)
    return Boxes(rows, np.full(len(rows), 0.9, np.float32))


def figure(frame, x, y, size):
    """Draw red shoulders, green hips and a blue rest below each other, the middle at (x, y)."""
    step = size // 3
    for channel, row in enumerate((y - step, y, y + step)):
        frame[row - 2 : row + 2, x - 2 : x + 2, channel] = 255


@given(PLACES, PLACES, st.floats(0, 3000, width=32), st.floats(0, 3000, width=32), st.floats(0.5, 3))
def test_a_square_is_even_and_holds_the_padded_box_around_the_same_middle(x, y, width, height, padding):
    xyxy = np.array([[x, y, x + width, y + height]], np.float32)
    ((x0, y0, x1, y1),) = squared(xyxy, padding)
    side = (xyxy[0, 2:] - xyxy[0, :2]).max() * padding
    assert x1 - x0 == y1 - y0
    assert x0 % 2 == y0 % 2 == (x1 - x0) % 2 == 0
    assert side - 1e-3 <= x1 - x0 <= max(side + 2, 2)
    assert np.abs([(x0 + x1) / 2, (y0 + y1) / 2] - (xyxy[0, :2] + xyxy[0, 2:]) / 2).max() <= 1.01


def test_each_person_is_found_in_the_own_box(head):
    frames = np.zeros((3, 200, 300, 3), np.uint8)
    figure(frames[0], 80, 100, 90)
    figure(frames[0], 220, 60, 60)
    figure(frames[2], 150, 120, 120)
    people = [boxes([40, 40, 120, 160], [190, 20, 250, 100]), boxes(), boxes([100, 50, 200, 190])]
    found = head()(Stills(frames), people)
    assert [points.xy.shape for points in found] == [(2, 17, 2), (0, 17, 2), (1, 17, 2)]
    for points, places in ((found[0], [(80, 100, 30), (220, 60, 20)]), (found[2], [(150, 120, 40)])):
        for row, (x, y, step) in enumerate(places):
            assert np.abs(points.xy[row, [5, 6]] - [x, y - step]).max() < 2
            assert np.abs(points.xy[row, [11, 12]] - [x, y]).max() < 2
            assert np.abs(points.xy[row, [0, 15]] - [x, y + step]).max() < 2
    assert np.allclose(found[0].scores, 0.9)
    assert found[0].depth is None
    assert found[0].xy.dtype == np.float32


def test_what_lies_outside_of_the_picture_is_black(head):
    frames = np.zeros((1, 60, 60, 3), np.uint8)
    figure(frames[0], 20, 30, 45)
    (points,) = head()(Stills(frames), [boxes([-20, -10, 60, 70], [500, 500, 501, 501])])
    assert np.abs(points.xy[0, [11, 12]] - [20, 30]).max() < 2
    assert np.allclose(points.scores[1], 0.1)


def test_nonsense_from_the_model_is_no_point(head, monkeypatch):
    monkeypatch.setattr(tinygraphs.Spots, "get_tensor", lambda self, index: np.full((1, 1, 17, 3), np.nan, np.float32))
    (points,) = head()(Stills(np.zeros((1, 30, 30, 3), np.uint8)), [boxes([5, 5, 20, 20])])
    assert np.isnan(points.xy).all()
    assert (points.scores == 0).all()


def test_facts_are_those_of_the_model(head):
    assert facts(MoveNetHead, model="thunder", padding=1.5).weights == ("movenet_thunder_int8",)
    assert facts(MoveNetHead, runtime="tensorflow").packages == ("tensorflow",)
    assert facts(MoveNetHead, model="thunder").skeleton == "coco17"
    assert not facts(MoveNetHead).stateful
    built = head()
    assert (built.device, built.batch, built.notes) == ("cpu", 1, {})
    assert built.meaning.score == "probability"
    assert set(built.weights) == {"movenet_lightning_int8"}
    with pytest.raises(ConfigError, match="Expected padding to be above 0 and at most 10, but got 11"):
        head(padding=11)
