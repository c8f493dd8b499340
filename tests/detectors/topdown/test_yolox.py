from __future__ import annotations

import numpy as np
import onnxgraphs
import pytest
from stills import Stills
from told import facts

from posecfg.detectors.topdown.yolox import YoloX
from posecfg.errors import ConfigError, WeightsError
from posecfg.timing import Laps, measured

for package in ("onnxruntime", "onnx", "cv2"):
    pytest.importorskip(package, reason=f"{package} is not installed")

SIDE, CELLS = 64, 8 * 8 + 4 * 4 + 2 * 2
AT16, AT32 = 64, 64 + 16


@pytest.fixture
def yolox(tmp_path, weights):
    """Build a YoloX around a graph that answers with ``outputs``."""

    def build(outputs, first="n", gain=0.0, told=True, plane=None, **options):
        path = onnxgraphs.constant(tmp_path / "net.onnx", outputs, (SIDE, SIDE), first, gain, told, plane)
        return YoloX(**{"model": weights("net", path), "device": "cpu", **options})

    return build


def raw(*cells, categories=2):
    """Raw output in which each of ``cells`` = (row, x, y, log w, log h, objectness, scores...) stands out."""
    rows = np.zeros((CELLS, 5 + categories), np.float32)
    for row, *values in cells:
        rows[row] = values
    return {"output": rows}


def found(detector, pictures):
    return [(boxes.xyxy.tolist(), boxes.scores.tolist()) for boxes in detector(Stills(pictures))]


def black(width=SIDE, height=SIDE, count=1):
    return np.zeros((count, height, width, 3), np.uint8)


def test_cells_of_all_three_sizes_become_boxes(yolox):
    # Column 3, row 2 of 8 px; column 1, row 3 of 16 px; column 1, row 0 of 32 px.
    detector = yolox(
        raw(
            (2 * 8 + 3, 0.5, 0.25, np.log(2), np.log(3), 0.5, 0.9, 1),
            (AT16 + 3 * 4 + 1, 0, 0, 0, np.log(0.5), 1, 0.75, 0),
            (AT32 + 1, 0.25, 0.5, np.log(0.5), 0, 0.5, 1, 0),
        )
    )
    (boxes,) = detector(Stills(black()))
    wanted = [
        [1 * 16 - 8, 3 * 16 - 4, 1 * 16 + 8, 3 * 16 + 4],
        [1.25 * 32 - 8, 16 - 16, 1.25 * 32 + 8, 16 + 16],
        [3.5 * 8 - 8, 2.25 * 8 - 12, 3.5 * 8 + 8, 2.25 * 8 + 12],
    ]
    assert np.allclose(boxes.xyxy, wanted, atol=1e-4)
    assert np.allclose(boxes.scores, [0.75, 0.5, 0.45])
    assert boxes.xyxy.dtype == boxes.scores.dtype == np.float32


def test_boxes_are_px_of_the_upright_picture(yolox):
    detector = yolox(raw((AT16 + 5, 0, 0, 0, 0, 1, 1, 0)))  # The middle is (16, 16), the side 16.
    assert found(detector, black(128, 64)) == [([[16, 16, 48, 48]], [1])]
    assert found(detector, black(32, 32)) == [([[4, 4, 12, 12]], [1])]
    ((odd,), _) = found(detector, black(96, 50))[0]
    # 50 lines become int(33.3 + 0.5) = 33, so a px down is 50 / 33 of a line.
    assert np.allclose(odd, [8 * 1.5, 8 * 50 / 33, 24 * 1.5, 24 * 50 / 33], atol=1e-4)


def test_scores_must_be_above_the_threshold(yolox):
    cells = [(9 * k, 0, 0, 0, 0, 1, score, 0) for k, score in enumerate((0.25, 0.5, 0.75))]
    assert [len(yolox(raw(*cells), score_thr=thr)(Stills(black()))[0]) for thr in (0, 0.25, 0.5, 0.74, 0.75)] == [
        3,
        2,
        1,
        1,
        0,
    ]


@pytest.mark.parametrize(("plane", "colour"), [(0, 2), (1, 1), (2, 0)])
def test_the_network_sees_bytes_and_blue_first(yolox, plane, colour):
    pictures = black(count=3)
    for channel in range(3):
        pictures[channel, ..., channel] = 200
    # What a cell's objectness lacks to 1 comes from one plane: 200 / 400.
    detector = yolox(raw((9, 0, 0, 0, 0, 0.5, 0.5, 0)), gain=1 / 400, plane=plane, score_thr=0.5, nms=0.01)
    assert [max(scores, default=0) for _, scores in found(detector, pictures)] == [
        1 if channel == colour else 0 for channel in range(3)
    ]


def test_people_are_of_the_category_that_is_asked_for(yolox):
    cells = raw((0, 0, 0, 0, 0, 1, 0.5, 0.25), (63, 0, 0, 0, 0, 1, 0.125, 1))
    assert found(yolox(cells, score_thr=0.2), black())[0][1] == [0.5]
    assert found(yolox(cells, score_thr=0.2, category=1), black())[0][1] == [1, 0.25]
    with pytest.raises(ConfigError, match="'net' knows 2 categories, counted from 0, but category=2 is asked"):
        yolox(cells, category=2)


def test_boxes_of_the_same_person_are_one_and_the_best_come_first(yolox):
    cells = raw(
        (AT16, 0, 0, 0, 0, 1, 0.5, 0), (AT16 + 1, -1, 0.2, 0, 0, 1, 0.75, 0), (AT16 + 15, 0, 0, 0, 0, 1, 0.625, 0)
    )
    assert found(yolox(cells), black())[0][1] == [0.75, 0.625]
    assert found(yolox(cells, nms=0.9), black())[0][1] == [0.75, 0.625, 0.5]
    assert found(yolox(cells, nms=0.9, most=2), black())[0][1] == [0.75, 0.625]


def test_boxes_that_are_no_boxes_are_left_out(yolox):
    cells = raw(
        (0, 0, 0, 1000, 0, 1, 1, 0),
        (9, 0, 0, -1000, 0, 1, 1, 0),
        (20, np.nan, 0, 0, 0, 1, 1, 0),
        (30, *[0] * 4, 1, 1, 0),
    )
    ((boxes, scores),) = found(yolox(cells), black())
    assert (boxes, scores) == ([[44, 20, 52, 28]], [1])
    assert found(yolox(raw((5, 0, 0, 0, 0, np.nan, 1, 0))), black()) == [([], [])]


def test_batches_give_exactly_what_single_frames_give(yolox, noise):
    cells = raw(*((9 * k, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0) for k in range(8)))
    pictures = noise(7, (90, 70))
    pictures[3] //= 2
    alone = [found(yolox(cells, gain=0.002), picture[None])[0] for picture in pictures]
    assert alone[0] != alone[3]
    for batch in (1, 3, 4, 7, 16):
        assert found(yolox(cells, gain=0.002, batch=batch), pictures) == alone


@pytest.mark.parametrize(("first", "batch", "takes"), [("n", 5, 5), ("n", None, 1), (1, 5, 1)])
def test_a_batch_needs_a_graph_with_an_open_first_dimension(yolox, first, batch, takes):
    detector = yolox(raw((9, 0, 0, 0, 0, 1, 1, 0)), first=first, batch=batch)
    assert detector.batch == takes
    assert len(detector(Stills(black(count=7)))) == 7


def test_facts_are_known_before_and_after(yolox, weights):
    from posecfg.models import store

    assert facts(YoloX, model="yolox_m", score_thr=0.1).weights == ("yolox_m",)
    detector = yolox(raw())
    assert detector.weights == {"net": store.sha256("net")}
    assert (detector.device, detector.notes) == ("cpu", {})


def test_stages_are_told_apart(yolox):
    detector = yolox(raw((9, 0, 0, 0, 0, 1, 1, 0)))
    with measured(Laps("decode")) as laps:
        detector(Stills(black()))
    assert {"preprocess", "inference", "postprocess"} <= set(laps.stages)


@pytest.mark.parametrize(
    ("outputs", "gives"),
    [
        ({"output": np.zeros((85, 7), np.float32)}, "output ?x85x7 float"),
        ({"output": np.zeros((CELLS, 4), np.float32)}, "output ?x84x4 float"),
        ({"a": np.zeros((17, 64), np.float32), "b": np.zeros((17, 64), np.float32)}, "a ?x17x64 float, b ?x17x64"),
    ],
)
def test_graphs_with_other_outputs_are_refused(yolox, outputs, gives):
    with pytest.raises(WeightsError) as error:
        yolox(outputs)
    assert str(error.value).startswith(
        f"Expected 'net' to be a graph with an output of Nx84x(5 + categories), or one of NxMx5, but it gives {gives}"
    )


@pytest.mark.parametrize("shape", [(3, 64), (2, 3, 64, 64), ("n", 1, 64, 64)])
def test_graphs_that_take_no_pictures_are_refused(tmp_path, weights, shape):
    from onnx import helper

    node = helper.make_node("Identity", ["x"], ["y"])
    path = onnxgraphs.save(tmp_path / "net.onnx", [node], [("x", shape)], [("y", shape)], {})
    with pytest.raises(WeightsError, match=r"an input of Nx3xHxW \(N open or 1\), but it takes x "):
        YoloX(weights("net", path), device="cpu")


def test_an_open_input_size_must_be_stated_and_a_fixed_one_cannot_be_changed(tmp_path, weights, yolox):
    path = onnxgraphs.constant(tmp_path / "open.onnx", raw((9, 0, 0, 0, 0, 1, 1, 0)), ("w", "h"))
    weights("open", path)
    with pytest.raises(ConfigError, match="'open' takes pictures of any width: say which with side, such as side=640"):
        YoloX("open", device="cpu")
    with pytest.raises(ConfigError, match="side to be from 1 to 16384, but got 0"):
        YoloX("open", device="cpu", side=0)
    assert found(YoloX("open", device="cpu", side=SIDE), black()) == [([[4, 4, 12, 12]], [1])]
    with pytest.raises(ConfigError, match="'net' takes pictures of width 64 only, but got 32: leave side null"):
        yolox(raw(), side=32)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"score_thr": 1.5}, "Expected score_thr to be from 0 to 1, but got 1.5"),
        ({"nms": -1}, "Expected nms to be from 0 to 1, but got -1"),
        ({"nms": None}, "'net' gives many boxes for each person: nms cannot be null; 0.45 is usual"),
        ({"category": -1}, "Expected category to be at least 0, but got -1"),
        ({"most": 0}, "Expected most to be at least 1, but got 0"),
        ({"batch": 0}, "Expected batch to be at least 1, or null, but got 0"),
        ({"threads": 0}, "Expected threads to be at least 1, but got 0"),
        ({"device": "gpu"}, "Expected device to be auto or one of cpu, "),
    ],
)
def test_arguments_that_cannot_work_are_refused(yolox, options, match):
    with pytest.raises(ConfigError, match=match):
        yolox(raw(), **options)


def test_real_weights_find_the_real_people(real_yolox, real_photo):
    detector = YoloX(score_thr=0.2, device="cpu")
    (boxes,) = detector(Stills(real_photo[None]))
    assert (detector.batch, detector.device) == (1, "cpu")
    assert [(boxes.scores > thr).sum() for thr in (0.2, 0.5, 0.8)] == [7, 4, 3]
    # The three in front, whose outlines were read off the photo by eye.
    by_eye = np.array([[45, 85, 520, 630], [505, 15, 640, 485], [690, 10, 945, 608]])
    for outline in by_eye:
        assert np.abs(boxes.xyxy[:3] - outline).max(axis=1).min() < 45
    (mirrored,) = detector(Stills(real_photo[None, :, ::-1]))
    assert (mirrored.scores > 0.8).sum() == 3


def test_real_weights_find_nobody_where_nobody_is(real_yolox):
    assert len(YoloX(device="cpu")(Stills(np.full((1, 480, 640, 3), 90, np.uint8)))[0]) == 0
