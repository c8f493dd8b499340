from __future__ import annotations

import numpy as np
import onnxgraphs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stills import Stills
from told import facts

from posecfg.detectors.topdown.pixels import MEAN, STD
from posecfg.detectors.topdown.rtmdet import RtmDet
from posecfg.errors import ConfigError, WeightsError

for package in ("onnxruntime", "onnx", "cv2"):
    pytest.importorskip(package, reason=f"{package} is not installed")

SIDE, STRIDES = 64, (8, 16, 32)
COUNT = sum((SIDE // stride) ** 2 for stride in STRIDES)


@pytest.fixture
def rtmdet(tmp_path, weights):
    """Build an RtmDet around a graph that answers with ``outputs``."""

    def build(outputs, **options):
        path = onnxgraphs.constant(tmp_path / "net.onnx", outputs, (SIDE, SIDE), options.pop("first", "n"))
        return RtmDet(**{"model": weights("net", path), "device": "cpu", **options})

    return build


@pytest.fixture
def glowing(tmp_path, weights):
    """Build an RtmDet that finds red: the score is that of a cell's mean, the box two cells to all sides."""

    def build(first="n", **options):
        path = onnxgraphs.glow(tmp_path / f"glow{first}.onnx", SIDE, batch=first)
        return RtmDet(**{"model": weights(f"glow{first}", path), "device": "cpu", "score_thr": 0.2, **options})

    return build


def maps(*cells, categories=1):
    """Logits and distances in which each of ``cells`` = (stride, x, y, logit, l, t, r, b) stands out."""
    sides = [SIDE // stride for stride in STRIDES]
    logits = {stride: np.full((categories, n, n), -20, np.float32) for stride, n in zip(STRIDES, sides, strict=True)}
    edges = {stride: np.zeros((4, n, n), np.float32) for stride, n in zip(STRIDES, sides, strict=True)}
    for stride, x, y, logit, *distances in cells:
        logits[stride][0, y, x], edges[stride][:, y, x] = logit, distances
    return {**{f"cls{s}": logits[s] for s in STRIDES}, **{f"reg{s}": edges[s] for s in STRIDES}}


def decoded(outputs):
    """The same as boxes and scores side by side, computed cell by cell."""
    boxes, scores = [], []
    for stride in STRIDES:
        logits, edges = outputs[f"cls{stride}"], outputs[f"reg{stride}"]
        for y in range(logits.shape[1]):
            for x in range(logits.shape[2]):
                left, top, right, bottom = edges[:, y, x]
                boxes.append([x * stride - left, y * stride - top, x * stride + right, y * stride + bottom])
                scores.append(1 / (1 + np.exp(-logits[:, y, x])))
    return {"boxes": np.array(boxes, np.float32), "scores": np.array(scores, np.float32)}


def black(width=SIDE, height=SIDE, count=1):
    return np.zeros((count, height, width, 3), np.uint8)


def test_maps_of_all_three_sizes_become_boxes(rtmdet):
    detector = rtmdet(
        maps((8, 3, 2, 0, 8, 4, 10, 6), (16, 1, 3, np.log(3), 16, 8, 4, 8), (32, 1, 0, np.log(9), 4, 0, 12, 30))
    )
    (boxes,) = detector(Stills(black()))
    assert np.allclose(boxes.xyxy, [[28, 0, 44, 30], [0, 40, 20, 56], [16, 12, 34, 22]])
    assert np.allclose(boxes.scores, [0.9, 0.75, 0.5])
    assert boxes.xyxy.dtype == boxes.scores.dtype == np.float32


def test_scores_must_be_above_the_threshold(rtmdet):
    outputs = maps((8, 3, 2, 0, 8, 8, 8, 8))  # The score is just a half.
    for same in (outputs, decoded(outputs)):
        assert [len(rtmdet(same, score_thr=thr)(Stills(black()))[0]) for thr in (0.49, 0.5)] == [1, 0]


def test_boxes_end_at_the_edge_of_the_input_and_come_back_as_px_of_the_picture(rtmdet):
    outputs = maps((8, 4, 4, 5, 100, 10, 100, 10))
    (boxes,) = rtmdet(outputs)(Stills(black(128, 64)))
    assert boxes.xyxy.tolist() == [[0, 44, 128, 84]]  # Below 64 is the grey of the letterbox.


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.05, 0.3]))
def test_boxes_side_by_side_are_the_same_as_maps(rtmdet, seed, thr):
    chance = np.random.default_rng(seed)
    outputs = {name: chance.normal(0, 2, value.shape).astype(np.float32) for name, value in maps(categories=2).items()}
    outputs = {name: np.abs(value) * 9 if name.startswith("reg") else value - 3 for name, value in outputs.items()}
    (one,) = rtmdet(outputs, score_thr=thr, category=1)(Stills(black()))
    (two,) = rtmdet(decoded(outputs), score_thr=thr, category=1)(Stills(black()))
    assert len(one) > 0
    assert np.allclose(one.xyxy, two.xyxy, atol=1e-3)
    assert np.allclose(one.scores, two.scores, atol=1e-6)


def test_only_the_best_of_each_head_are_candidates(tmp_path, weights):
    side = 512  # 4096 cells of 8 px.
    sides = [side // stride for stride in STRIDES]
    outputs = {f"cls{s}": np.full((1, n, n), -20, np.float32) for s, n in zip(STRIDES, sides, strict=True)}
    outputs["cls8"] = np.linspace(1, 2, 64 * 64, dtype=np.float32).reshape(1, 64, 64)
    outputs |= {f"reg{s}": np.full((4, n, n), 3, np.float32) for s, n in zip(STRIDES, sides, strict=True)}
    path = onnxgraphs.constant(tmp_path / "net.onnx", outputs, (side, side))
    detector = RtmDet(weights("net", path), device="cpu", most=5000)
    (boxes,) = detector(Stills(black(side, side)))
    assert len(boxes) == 1000
    assert (np.diff(boxes.scores) <= 0).all()
    assert np.isclose(boxes.scores[-1], 1 / (1 + np.exp(-outputs["cls8"].reshape(-1)[-1000])))


def test_a_red_square_is_found_where_it_is(glowing):
    frames = np.zeros((4, 96, 128, 3), np.uint8)
    places = [(0, 0), (64, 32), (112, 80), None]
    for frame, place in zip(frames, places, strict=True):
        if place:
            frame[place[1] : place[1] + 16, place[0] : place[0] + 16, 0] = 255
    boxes = glowing(score_thr=0.3)(Stills(frames))
    assert [len(found) for found in boxes] == [1, 1, 1, 0]
    for found, place in zip(boxes[:3], places[:3], strict=True):
        # The square is one cell of 8 px; its prior is the corner, and 64 px show 128.
        x, y = (length / 2 for length in place)
        inside = np.clip([x - 16, y - 16, x + 16, y + 16], 0, 64)
        assert np.allclose(found.xyxy, [2 * inside], atol=1e-4)
    red = (255 - MEAN[0]) / STD[0]
    assert boxes[1].scores[0] == pytest.approx(1 / (1 + np.exp(1 - red)), abs=1e-4)


@pytest.mark.parametrize("first", ["n", 1])
@pytest.mark.parametrize("batch", [2, 3, 16])
def test_batches_give_exactly_what_single_frames_give(glowing, noise, first, batch):
    pictures = noise(7, (90, 70))
    pictures[:, 20:40, 30:50, 0] = 255
    single, many = glowing(first), glowing(first, batch=batch)
    assert many.batch == (batch if first == "n" else 1)
    alone = [single(Stills(picture[None]))[0] for picture in pictures]
    for one, other in zip(alone, many(Stills(pictures)), strict=True):
        assert len(one) > 0
        assert np.array_equal(one.xyxy, other.xyxy)
        assert np.array_equal(one.scores, other.scores)


def test_a_graph_that_gives_finished_boxes_has_a_floor(rtmdet):
    dets = {"dets": np.array([[8, 8, 24, 40, 0.9], [0, 0, 0, 0, 0]], np.float32)}
    (boxes,) = rtmdet(dets, first=1)(Stills(black(128, 128)))
    assert boxes.xyxy.tolist() == [[16, 16, 48, 80]]
    with pytest.raises(ConfigError, match=r"throws out everything below 0\.3 itself"):
        rtmdet(dets, score_thr=0.1)


def test_raw_heads_need_nms_and_know_their_categories(rtmdet):
    for outputs in (maps(), decoded(maps())):
        with pytest.raises(ConfigError, match=r"nms cannot be null; 0\.6 is usual"):
            rtmdet(outputs, nms=None)
        with pytest.raises(ConfigError, match="'net' knows 1 categories, counted from 0, but category=1 is asked"):
            rtmdet(outputs, category=1)


@pytest.mark.parametrize(
    "outputs",
    [
        {"boxes": np.zeros((COUNT + 1, 4), np.float32), "scores": np.zeros((COUNT + 1, 1), np.float32)},
        {"boxes": np.zeros((COUNT, 4), np.float32), "scores": np.zeros((COUNT - 1, 1), np.float32)},
        {"boxes": np.zeros((COUNT, 4), np.float32)},
        {"output": np.zeros((COUNT, 85), np.float32)},
        {name: value[:, 1:] for name, value in maps().items()},
    ],
)
def test_graphs_with_other_outputs_are_refused(rtmdet, outputs):
    with pytest.raises(WeightsError, match="to be a graph with outputs of Nx84x4 and Nx84xC, or six maps, or one "):
        rtmdet(outputs)


def test_facts_are_known_before_anything_is_built():
    assert facts(RtmDet, model="rtmdet_nano", device="cuda").weights == ("rtmdet_nano",)
    assert facts(RtmDet).weights == ("rtmdet_m",)
    assert facts(RtmDet).packages == ("onnxruntime", "cv2")
    assert set(facts(RtmDet).operational) == {"threads", "batch"}
