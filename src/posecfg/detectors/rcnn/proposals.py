"""The search for boxes that may hold people in features, as a graph."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posecfg.detectors.rcnn.backbone import STAGES, STRIDES
from posecfg.detectors.rcnn.boxes import middles, moved
from posecfg.detectors.rcnn.layers import Layers
from posecfg.models.onnx_graph import Graph

if TYPE_CHECKING:
    from posecfg.arrays import F32
    from posecfg.detectors.rcnn.layers import Arrays

RPN = "proposal_generator.rpn_head"
# Sizes of anchors by stage, of which the last is a coarser copy of the one before; heights to widths.
ANCHORS = {2: 32, 3: 64, 4: 128, 5: 256, 6: 512}
RATIOS = (0.5, 1.0, 2.0)
_SCALES = {**STRIDES, 6: 64}


@dataclass(frozen=True)
class Proposals:
    """Numbers of proposals: ``before`` of each stage until overlaps above ``nms`` are left out, ``after`` in all."""

    before: int = 1000
    after: int = 1000
    nms: float = 0.7


def built(arrays: Arrays, proposals: Proposals) -> bytes:
    """Return a graph of features p2 to p5 and ``size`` (4,), the width and height px of the picture, both twice.

    It gives boxes (N, 4) px, the best first.
    """
    graph = Graph("proposals")
    layers = Layers(graph, arrays)
    names = {stage: f"p{stage}" for stage in STAGES}
    channels = arrays[f"{RPN}.conv.weight"].shape[1]
    takes = {name: (1, channels, f"height{stage}", f"width{stage}") for stage, name in names.items()}
    names[6] = graph.node("MaxPool", names[STAGES[-1]], kernel_shape=[1, 1], strides=[2, 2])
    found = [_distinct(layers, _stage(layers, name, stage, proposals), proposals) for stage, name in names.items()]
    return graph.bytes({**takes, "size": (4,)}, {_best(layers, found, proposals): ("boxes", 4)})


def _stage(layers: Layers, values: str, stage: int, proposals: Proposals) -> tuple[str, str]:
    """Return the boxes (N, 4) and logits (N,) of the best proposals of a stage."""
    graph = layers.graph
    values = layers.conv(values, f"{RPN}.conv", relu=True)
    logits = layers.conv(values, f"{RPN}.objectness_logits")
    across = graph.node("Shape", logits, start=3, end=4)
    deltas = graph.node("Transpose", layers.conv(values, f"{RPN}.anchor_deltas"), perm=[0, 2, 3, 1])
    deltas = graph.node("Reshape", deltas, layers.ints(-1, 4))
    logits = graph.node("Reshape", graph.node("Transpose", logits, perm=[0, 2, 3, 1]), layers.ints(-1))
    logits, rows = _top(layers, logits, proposals.before)
    deltas = graph.node("Gather", deltas, rows, axis=0)
    anchors = layers.ints(len(RATIOS))
    cells = graph.node("Div", rows, anchors)
    extents = graph.node("Gather", layers.table(_extents(stage)), graph.node("Mod", rows, anchors), axis=0)
    places = [graph.node("Mod", cells, across), graph.node("Div", cells, across)]
    places = [graph.node("Unsqueeze", place, layers.ints(1)) for place in places]
    middles = graph.node("Cast", graph.node("Concat", *places, axis=1), to=1)
    middles = graph.node("Mul", middles, layers.reals(_SCALES[stage]))
    return moved(layers, middles, extents, deltas), logits


def _extents(stage: int) -> F32:
    """Return width and height (A, 2) of the anchors of a stage."""
    import numpy as np

    area = ANCHORS[stage] ** 2
    widths = [math.sqrt(area / ratio) for ratio in RATIOS]
    return np.array([(width, width * ratio) for width, ratio in zip(widths, RATIOS, strict=True)], np.float32)


def _top(layers: Layers, values: str, most: int) -> tuple[str, str]:
    """Return the largest values (N,), in order, and their rows."""
    count = layers.graph.node("Min", layers.graph.node("Shape", values), layers.ints(most))
    best, rows = layers.graph.nodes(2, "TopK", values, count, axis=0)
    return best, rows


def _distinct(layers: Layers, found: tuple[str, str], proposals: Proposals) -> tuple[str, str]:
    """Leave out proposals that overlap a better one."""
    graph, (boxes, logits) = layers.graph, found
    rows = graph.node(
        "NonMaxSuppression",
        graph.node("Unsqueeze", boxes, layers.ints(0)),
        graph.node("Unsqueeze", logits, layers.ints(0, 1)),
        layers.ints(proposals.before),
        layers.reals(proposals.nms),
    )
    rows = graph.node("Squeeze", layers.columns(rows, 2, 3), layers.ints(1))
    return graph.node("Gather", boxes, rows, axis=0), graph.node("Gather", logits, rows, axis=0)


def _best(layers: Layers, found: list[tuple[str, str]], proposals: Proposals) -> str:
    """Return the best boxes of all stages that are not empty."""
    graph = layers.graph
    boxes = graph.node("Concat", *(one for one, _ in found), axis=0)
    logits = graph.node("Concat", *(one for _, one in found), axis=0)
    _, extents = middles(layers, boxes)
    least = graph.node("ReduceMin", extents, axes=[1], keepdims=0)
    full = graph.node("Squeeze", graph.node("NonZero", graph.node("Greater", least, layers.reals(0))), layers.ints(0))
    boxes, logits = (graph.node("Gather", one, full, axis=0) for one in (boxes, logits))
    _, rows = _top(layers, logits, proposals.after)
    return graph.node("Gather", boxes, rows, axis=0)
