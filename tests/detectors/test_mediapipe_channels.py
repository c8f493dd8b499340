"""Networks without channels that the next layer multiplies by zero: smaller, with the same numbers."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import av
import numpy as np
import pytest

from posecfg.detectors import holistic, mediapipe_graph
from posecfg.detectors.mediapipe_model import without_ignored_channels
from posecfg.detectors.model_tables import CONVOLUTION, DEPTHWISE, Model

flatbuffers = pytest.importorskip("flatbuffers", reason="flatbuffers, which writes tables, is not installed")
DEMO = Path(__file__).resolve().parents[2] / "src" / "posecfg" / "assets" / "demo.mp4"
WIDE, SIDE, GIVES = 48, 6, 32
# Tensors: picture, weights and bias of each layer, and what each layer gives.
PICTURE, MADE, FILTERED, GIVEN = 0, 7, 8, 9


def table(builder, fields):
    builder.StartObject(5)
    for field, (put, value, default) in fields.items():
        put(field, value, default)
    return builder.EndObject()


def vector(builder, entries, put, width=4):
    builder.StartVector(width, len(entries), 16)
    for entry in reversed(entries):
        put(entry)
    return builder.EndVector()


def model(weights, outputs=(GIVEN,), bias_of_filter=4):
    """Return a network of three layers: a convolution, a filter of each channel by itself, and another convolution."""
    b = flatbuffers.Builder(64)
    offset, byte = b.PrependUOffsetTRelativeSlot, b.PrependUint8Slot
    number, unsigned = b.PrependInt32Slot, b.PrependUint32Slot

    def ints(entries):
        return vector(b, entries, b.PrependInt32)

    def tables(entries):
        return vector(b, entries, b.PrependUOffsetTRelative)

    buffers = [table(b, {})]
    for one in weights:
        b.StartVector(1, one.nbytes, 16)
        b.head -= one.nbytes
        b.Bytes[b.head : b.head + one.nbytes] = one.tobytes()
        buffers.append(table(b, {0: (offset, b.EndVector(), 0)}))
    shapes = [(1, SIDE, SIDE, 3), *(one.shape for one in weights)]
    shapes += [(1, SIDE, SIDE, WIDE), (1, SIDE, SIDE, WIDE), (1, SIDE, SIDE, weights[5].size)]
    tensors = [
        table(b, {0: (offset, ints(shape), 0), 2: (unsigned, n if 0 < n <= len(weights) else 0, 0)})
        for n, shape in enumerate(shapes)
    ]
    layers = (0, (0, 1, 2), MADE), (1, (MADE, 3, bias_of_filter), FILTERED), (0, (FILTERED, 5, 6), GIVEN)
    operators = []
    for kind, takes, gives in layers:
        strides = {1: (number, 1, 0), 2: (number, 1, 0)}
        settings = table(b, {**strides, **({3: (number, 1, 0), 4: (byte, 3, 0)} if kind else {3: (byte, 3, 0)})})
        lists = {1: (offset, ints(takes), 0), 2: (offset, ints([gives]), 0)}
        chosen = {3: (byte, kind + 1, 0), 4: (offset, settings, 0)}
        operators.append(table(b, {0: (unsigned, kind, 0), **lists, **chosen}))
    graph = {0: tables(tensors), 1: ints([PICTURE]), 2: ints(outputs), 3: tables(operators)}
    graph = table(b, {field: (offset, place, 0) for field, place in graph.items()})
    kinds = [table(b, {0: (byte, k, 0), 3: (number, k, 0), 2: (number, 1, 0)}) for k in (CONVOLUTION, DEPTHWISE)]
    lists = {1: tables(kinds), 2: tables([graph]), 4: tables(buffers)}
    root = {0: (unsigned, 3, 0), **{field: (offset, place, 0) for field, place in lists.items()}}
    b.Finish(table(b, root), b"TFL3")
    return bytes(b.Output())


def layers(ignored, gives=GIVES):
    """Return the weights and the bias of each layer; the last one heeds no channel of ``ignored``."""
    dice = np.random.default_rng(3)
    shapes = (WIDE, 1, 1, 3), (WIDE,), (1, 3, 3, WIDE), (WIDE,), (gives, 1, 1, WIDE), (gives,)
    weights = [dice.normal(0, 0.5, shape).astype(np.float32) for shape in shapes]
    weights[4][..., ignored] = 0
    return weights


def answers(data, *pictures):
    interpreters = pytest.importorskip("ai_edge_litert.interpreter", reason="LiteRT is not installed")
    net = interpreters.Interpreter(model_content=data, num_threads=1)
    net.allocate_tensors()
    found = []
    for picture in pictures:
        net.set_tensor(net.get_input_details()[0]["index"], picture)
        net.invoke()
        found.append([net.get_tensor(one["index"]) for one in net.get_output_details()])
    return found


@pytest.mark.parametrize(("ignored", "left"), [(range(10, 42), 16), (range(20), 32), (range(15), 48), ([], 48)])
def test_channels_that_the_next_layer_ignores_are_left_out_by_whole_tiles(ignored, left):
    weights = layers(list(ignored))
    before = model(weights)
    short = Model(without_ignored_channels(before))
    kept = [n for n in range(WIDE) if n not in ignored]
    assert [short.shape(n)[-1] for n in (MADE, FILTERED, GIVEN)] == [left, left, GIVES]
    assert [short.shape(n) for n in (1, 2, 3, 5)] == [(left, 1, 1, 3), (left,), (1, 3, 3, left), (GIVES, 1, 1, left)]
    stored = short.stored(1)
    if left == len(kept):
        assert np.array_equal(stored, weights[0][kept])
    picture = np.random.default_rng(4).random((1, SIDE, SIDE, 3), np.float32)
    (((one,), (other,))) = answers(before, picture)[0], answers(bytes(short), picture)[0]
    assert np.ptp(one) > 0
    assert np.array_equal(one, other)


@pytest.mark.parametrize("changes", [{"outputs": (GIVEN, FILTERED)}, {"bias_of_filter": 2}])
def test_channels_stay_where_something_else_reads_them_or_their_weights(changes):
    before = model(layers(list(range(32))), **changes)
    assert without_ignored_channels(before) == before


def test_channels_stay_where_a_narrow_layer_reads_them():
    """Its products are added up in another order, so that the last digit would change."""
    before = model(layers(list(range(32)), gives=16))
    assert without_ignored_channels(before) == before


def test_a_real_network_of_a_hand_is_a_tenth_smaller_and_gives_the_same_to_the_last_digit():
    if importlib.util.find_spec("mediapipe") is None:
        pytest.skip("mediapipe is not installed")
    package = Path(importlib.util.find_spec("mediapipe").submodule_search_locations[0])
    whole = (package / "modules/hand_landmark/hand_landmark_full.tflite").read_bytes()
    short = without_ignored_channels(whole)
    assert _weight(short) < 0.92 * _weight(whole)
    dice = np.random.default_rng(5)
    pictures = [dice.random((1, 224, 224, 3), np.float32), np.zeros((1, 224, 224, 3), np.float32)]
    for one, other in zip(answers(whole, *pictures), answers(short, *pictures), strict=True):
        assert len(one) == 4
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_hands_of_a_film_get_the_same_numbers_from_the_whole_network(monkeypatch):
    if importlib.util.find_spec("mediapipe") is None:
        pytest.skip("mediapipe is not installed")
    with av.open(str(DEMO)) as film:
        pictures = [frame.to_ndarray(format="rgb24") for frame, _ in zip(film.decode(video=0), range(8), strict=False)]

    def seen():
        detector = holistic.Holistic(face="none")
        with detector._graph.start(static=False, smooth=True) as feed:
            numbers = []
            for number, picture in enumerate(pictures):
                found = feed(picture, 33333 * (number + 1))
                for part in holistic._HAND_PARTS:
                    numbers += [found.number(part.score), found.landmarks(part.image), found.landmarks(part.space)]
        return numbers

    short = seen()
    monkeypatch.setattr(mediapipe_graph, "without_ignored_channels", bytes)
    whole = seen()
    assert any(isinstance(one, float) for one in whole)
    for one, other in zip(short, whole, strict=True):
        assert np.array_equal(one, other) if one is not None else other is None


def _weight(data):
    """Return how many products all convolutions of a network take."""
    net = Model(data)
    made = [one for one in net.operators if one.kind == CONVOLUTION]
    return sum(np.prod(net.shape(one.inputs[1])) * np.prod(net.shape(one.outputs[0])[1:3]) for one in made)
