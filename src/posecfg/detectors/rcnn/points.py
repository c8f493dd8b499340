"""The search for keypoints in cuts of the features, as a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posecfg.detectors.rcnn.layers import Layers
from posecfg.models.onnx_graph import Graph

if TYPE_CHECKING:
    from posecfg.detectors.rcnn.layers import Arrays

HEAD = "roi_heads.keypoint_head"
# Cells of a cut along each side.
SIDE = 14


def built(arrays: Arrays) -> bytes:
    """Return a graph of ``cuts`` (N, 14, 14, C) to heatmaps (N, K, 56, 56), for N of 1 and more."""
    graph = Graph("points")
    layers = Layers(graph, arrays)
    values = graph.node("Transpose", "cuts", perm=[0, 3, 1, 2])
    number = 1
    while f"{HEAD}.conv_fcn{number}.weight" in arrays:
        values = layers.conv(values, f"{HEAD}.conv_fcn{number}", relu=True)
        number += 1
    values = layers.spread(values, f"{HEAD}.score_lowres")
    how = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
    values = graph.node("Resize", values, "", layers.reals(1, 1, 2, 2), **how)
    channels = arrays["backbone.fpn_output2.weight"].shape[0]
    points = arrays[f"{HEAD}.score_lowres.weight"].shape[1]
    return graph.bytes({"cuts": ("people", SIDE, SIDE, channels)}, {values: ("people", points, 4 * SIDE, 4 * SIDE)})
