"""Cut boxes out of the features of the scale that fits their size (RoIAlign), as nodes of a graph."""

from __future__ import annotations

from posecfg.detectors.rcnn.backbone import STAGES, STRIDES
from posecfg.detectors.rcnn.layers import Layers

# Boxes as large as this belong to the fourth stage, half as large to the third, and so on.
_CANONICAL, _STAGE = 224.0, 4


def features(stage: int) -> str:
    """Return the name of the input with the features of a stage."""
    return f"p{stage}"


def aligned(layers: Layers, boxes: str, side: int) -> tuple[str, str]:
    """Cut ``boxes`` (N, 4) px of the picture out of the features; return (N, C, side, side), and the row of each.

    They are in the order of stages, not of boxes.
    """
    graph = layers.graph
    extents = graph.node("Sub", layers.columns(boxes, 2, 4), layers.columns(boxes, 0, 2))
    areas = graph.node("ReduceProd", extents, axes=[1], keepdims=0)
    sizes = graph.node("Sqrt", areas)
    pieces, rows = [], []
    for stage in STAGES:
        row = _rows(layers, sizes, stage)
        cut = graph.node("Gather", boxes, row, axis=0)
        picture = graph.node("Mul", row, layers.ints(0))
        how = {"mode": "avg", "coordinate_transformation_mode": "half_pixel"}
        pieces.append(
            graph.node(
                *("RoiAlign", features(stage), cut, picture),
                **how,
                output_height=side,
                output_width=side,
                sampling_ratio=0,
                spatial_scale=1 / STRIDES[stage],
            )
        )
        rows.append(row)
    return graph.node("Concat", *pieces, axis=0), graph.node("Concat", *rows, axis=0)


def _rows(layers: Layers, sizes: str, stage: int) -> str:
    """Return the rows of the boxes that belong to a stage; the first and the last one take smaller and larger ones."""
    graph, least = layers.graph, _CANONICAL * 2.0 ** (stage - _STAGE)
    large = graph.node("GreaterOrEqual", sizes, layers.reals(0 if stage == STAGES[0] else least))
    if stage != STAGES[-1]:
        large = graph.node("And", large, graph.node("Less", sizes, layers.reals(2 * least)))
    return graph.node("Squeeze", graph.node("NonZero", large), layers.ints(0))
