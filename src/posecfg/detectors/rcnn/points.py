"""The search for keypoints in the features of given boxes, as a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posecfg.detectors.rcnn.align import aligned, features
from posecfg.detectors.rcnn.backbone import STAGES
from posecfg.detectors.rcnn.layers import Layers
from posecfg.models.onnx_graph import Graph

if TYPE_CHECKING:
    from posecfg.detectors.rcnn.layers import Arrays

HEAD = "roi_heads.keypoint_head"
_SIDE = 14


def built(arrays: Arrays) -> bytes:
    """Return a graph of features p2 to p5 and ``boxes`` (N, 4) px to heatmaps (N, K, 56, 56), for N of 1 and more."""
    graph = Graph("points")
    layers = Layers(graph, arrays)
    values, rows = aligned(layers, "boxes", _SIDE)
    number = 1
    while f"{HEAD}.conv_fcn{number}.weight" in arrays:
        values = layers.conv(values, f"{HEAD}.conv_fcn{number}", relu=True)
        number += 1
    values = layers.spread(values, f"{HEAD}.score_lowres")
    how = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
    values = graph.node("Resize", values, "", layers.reals(1, 1, 2, 2), **how)
    _, order = graph.nodes(2, "TopK", rows, graph.node("Shape", rows), axis=0, largest=0)
    values = graph.node("Gather", values, order, axis=0)
    channels = arrays["backbone.fpn_output2.weight"].shape[0]
    points = arrays[f"{HEAD}.score_lowres.weight"].shape[1]
    takes = {features(stage): (1, channels, f"height{stage}", f"width{stage}") for stage in STAGES}
    return graph.bytes({**takes, "boxes": ("people", 4)}, {values: ("people", points, 4 * _SIDE, 4 * _SIDE)})
