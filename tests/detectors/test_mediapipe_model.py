"""The pose model without its mask: fewer operations, the same numbers."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from posecfg.detectors.mediapipe_model import MASK, without_mask

flatbuffers = pytest.importorskip("flatbuffers", reason="flatbuffers, which writes tables, is not installed")
# Fields of the tables of a TensorFlow Lite model.
SUBGRAPHS, OUTPUTS, OPERATORS, TAKES, GIVES = 2, 2, 3, 1, 2


def vector(builder, entries, put):
    builder.StartVector(4, len(entries), 4)
    for entry in reversed(entries):
        put(entry)
    return builder.EndVector()


def table(builder, fields):
    builder.StartObject(5)
    for field, offset in fields.items():
        builder.PrependUOffsetTRelativeSlot(field, offset, 0)
    return builder.EndObject()


def model(outputs, operators):
    """Return a model that has nothing but its outputs, and operators as (what it takes, what it gives)."""
    builder = flatbuffers.Builder(64)
    made = []
    for takes, gives in operators:
        lists = {GIVES: vector(builder, gives, builder.PrependInt32)}
        if takes:
            lists[TAKES] = vector(builder, takes, builder.PrependInt32)
        made.append(table(builder, lists))
    chain = vector(builder, made, builder.PrependUOffsetTRelative)
    given = vector(builder, outputs, builder.PrependInt32)
    graph = table(builder, {OUTPUTS: given, OPERATORS: chain})
    graphs = vector(builder, [graph], builder.PrependUOffsetTRelative)
    builder.Finish(table(builder, {SUBGRAPHS: graphs}), b"TFL3")
    return bytes(builder.Output())


def read(data):
    """Return outputs and operators, by the reader of flatbuffers."""
    from flatbuffers.number_types import Int32Flags, UOffsetTFlags
    from flatbuffers.table import Table

    def entries(owner, field):
        place = owner.Offset(4 + 2 * field)
        return (owner.Vector(place), owner.VectorLen(place)) if place else (0, 0)

    def numbers(owner, field):
        start, count = entries(owner, field)
        return [owner.Get(Int32Flags, start + 4 * n) for n in range(count)]

    def tables(owner, field):
        start, count = entries(owner, field)
        return [Table(data, owner.Indirect(start + 4 * n)) for n in range(count)]

    root = Table(data, int.from_bytes(data[:4], "little"))
    assert root.Get(UOffsetTFlags, 0)
    (graph,) = tables(root, SUBGRAPHS)
    return numbers(graph, OUTPUTS), [(numbers(o, TAKES), numbers(o, GIVES)) for o in tables(graph, OPERATORS)]


def test_what_only_the_mask_needs_is_left_out_and_landmarks_take_its_place():
    shared, landmarks, mask, rest = ([0], [1]), ([1, -1], [2]), ([1], [3]), ([3], [4])
    data = model([2, 1, 4], [shared, ([], [9]), landmarks, mask, rest])
    assert read(data) == ([2, 1, 4], [shared, ([], [9]), landmarks, mask, rest])
    assert read(without_mask(data)) == ([2, 1, 2], [shared, landmarks])
    assert len(without_mask(data)) == len(data)


def test_a_model_whose_mask_needs_nothing_of_its_own_keeps_all_operators():
    operators = [([0], [1]), ([1], [2]), ([2], [3])]
    outputs, kept = read(without_mask(model([3, 2, 1], operators)))
    assert (outputs, kept) == ([3, 2, 3], operators)


@pytest.mark.parametrize("name", ["full", "lite"])
def test_the_other_outputs_of_a_real_model_are_the_same_to_the_last_digit(name):
    interpreters = pytest.importorskip("ai_edge_litert.interpreter", reason="LiteRT is not installed")
    file = _file(name)
    image = np.random.default_rng(5).random((1, 256, 256, 3), np.float32)
    answers = []
    for data in (file.read_bytes(), without_mask(file.read_bytes())):
        net = interpreters.Interpreter(model_content=data, num_threads=1)
        net.allocate_tensors()
        net.set_tensor(net.get_input_details()[0]["index"], image)
        net.invoke()
        answers.append([net.get_tensor(one["index"]) for one in net.get_output_details()])
    before, after = answers
    assert before[MASK].shape == (1, 256, 256, 1)
    del before[MASK]
    assert len(after) in (len(before), len(before) + 1)
    after = after if len(after) == len(before) else after[:MASK] + after[MASK + 1 :]
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
    assert len(read(without_mask(file.read_bytes()))[1]) < len(read(file.read_bytes())[1])


def _file(name):
    if name == "lite":
        file = Path(__file__).resolve().parents[3] / "shared" / "models" / "pose_landmark_lite.tflite"
        if not file.is_file():
            pytest.skip("the lite model is not in the shared folder")
        return file
    if importlib.util.find_spec("mediapipe") is None:
        pytest.skip("mediapipe is not installed")
    package = Path(importlib.util.find_spec("mediapipe").submodule_search_locations[0])
    return package / "modules/pose_landmark/pose_landmark_full.tflite"
