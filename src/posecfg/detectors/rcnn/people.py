"""The score and the box of the person in each cut of the features, as a graph."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from posecfg.detectors.rcnn.boxes import middles, moved
from posecfg.detectors.rcnn.layers import Layers
from posecfg.models.onnx_graph import Graph

if TYPE_CHECKING:
    from posecfg.detectors.rcnn.layers import Arrays

HEADS = "roi_heads"
_WEIGHTS = (10.0, 10.0, 5.0, 5.0)


def side(arrays: Arrays) -> int:
    """Return the number of cells of a cut along each side."""
    channels = arrays["backbone.fpn_output2.weight"].shape[0]
    return math.isqrt(arrays[f"{HEADS}.box_head.fc1.weight"].shape[1] // channels)


def built(arrays: Arrays) -> bytes:
    """Return a graph of ``cuts`` (N, cells x C), ``boxes`` (N, 4) px and ``size`` (4,), as proposals have it.

    It gives better boxes (N, 4) px and scores (N,), with duplicates.
    """
    graph = Graph("people")
    layers = Layers(graph, arrays)
    values = "cuts"
    for name, cells in (("fc1", side(arrays) ** 2), ("fc2", 1)):
        values = graph.node("Relu", layers.dense(values, f"{HEADS}.box_head.{name}", cells))
    logits = layers.dense(values, f"{HEADS}.box_predictor.cls_score")
    deltas = layers.dense(values, f"{HEADS}.box_predictor.bbox_pred")
    scores = graph.node("Squeeze", layers.columns(graph.node("Softmax", logits, axis=1), 0, 1), layers.ints(1))
    deltas = graph.node("Div", deltas, layers.reals(*_WEIGHTS))
    boxes = moved(layers, *middles(layers, "boxes"), deltas)
    width = arrays[f"{HEADS}.box_head.fc1.weight"].shape[1]
    takes = {"cuts": ("boxes", width), "boxes": ("boxes", 4), "size": (4,)}
    return graph.bytes(takes, {boxes: ("boxes", 4), scores: ("boxes",)})
