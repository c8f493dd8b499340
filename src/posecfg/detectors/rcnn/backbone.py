"""ResNet with a feature pyramid: a picture to features at four scales, as a graph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from posecfg.detectors.rcnn.layers import Layers
from posecfg.models.onnx_graph import Graph

if TYPE_CHECKING:
    from posecfg.detectors.rcnn.layers import Arrays

STAGES = (2, 3, 4, 5)
STRIDES = {2: 4, 3: 8, 4: 16, 5: 32}
# Pictures are widened to whole multiples of this, which the deepest features need.
DIVISOR = 32
UP = "backbone.bottom_up"


def blocks(names: frozenset[str], stage: int) -> int:
    """Return the number of blocks of a stage of the ResNet whose arrays have these names."""
    found = re.compile(rf"{re.escape(UP)}\.res{stage}\.(\d+)\.conv1\.weight")
    return len([name for name in names if found.fullmatch(name)])


def built(arrays: Arrays, groups: int, stride_in_1x1: bool) -> bytes:
    """Return a graph of ``picture`` (1, 3, H, W), both of them multiples of 32, to features p2 to p5."""
    graph = Graph("backbone")
    layers = Layers(graph, arrays)
    values = layers.conv("picture", f"{UP}.stem.conv1", stride=2, relu=True)
    values = graph.node("MaxPool", values, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    stages = {}
    for stage in STAGES:
        for block in range(blocks(frozenset(arrays), stage)):
            name, stride = f"{UP}.res{stage}.{block}", 2 if stage > 2 and block == 0 else 1
            values = _block(layers, arrays, values, name, stride, groups, stride_in_1x1)
        stages[stage] = values
    found = _pyramid(layers, stages)
    lateral = arrays["backbone.fpn_lateral2.weight"].shape[0]
    gives = {found[stage]: (1, lateral, f"height{stage}", f"width{stage}") for stage in STAGES}
    return graph.bytes({"picture": (1, 3, "height", "width")}, gives)


def _block(
    layers: Layers, arrays: Arrays, values: str, name: str, stride: int, groups: int, stride_in_1x1: bool
) -> str:
    first, second = (stride, 1) if stride_in_1x1 else (1, stride)
    inner = layers.conv(values, f"{name}.conv1", first, relu=True)
    inner = layers.conv(inner, f"{name}.conv2", second, groups, relu=True)
    inner = layers.conv(inner, f"{name}.conv3")
    if f"{name}.shortcut.weight" in arrays:
        values = layers.conv(values, f"{name}.shortcut", stride)
    return layers.graph.node("Relu", layers.graph.node("Add", inner, values))


def _pyramid(layers: Layers, stages: dict[int, str]) -> dict[int, str]:
    """Add the features of the deeper stages, twice as large, to those of each stage."""
    graph, found, above = layers.graph, {}, ""
    for stage in reversed(STAGES):
        lateral = layers.conv(stages[stage], f"backbone.fpn_lateral{stage}")
        if above:
            how = {"mode": "nearest", "nearest_mode": "floor", "coordinate_transformation_mode": "asymmetric"}
            above = graph.node("Resize", above, "", layers.reals(1, 1, 2, 2), **how)
            lateral = graph.node("Add", lateral, above)
        above = lateral
        found[stage] = layers.conv(lateral, f"backbone.fpn_output{stage}")
    return found
