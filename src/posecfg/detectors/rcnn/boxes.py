"""Boxes as nodes of a graph: their middles and extents, and how a network moves and stretches them."""

from __future__ import annotations

import math

from posecfg.detectors.rcnn.layers import Layers

# Boxes grow no more than from 16 px to 1000.
_GROWTH = math.log(1000 / 16)


def middles(layers: Layers, boxes: str) -> tuple[str, str]:
    """Return the middles (N, 2) and extents (N, 2) of boxes."""
    graph, begin = layers.graph, layers.columns(boxes, 0, 2)
    extents = graph.node("Sub", layers.columns(boxes, 2, 4), begin)
    return graph.node("Add", begin, graph.node("Mul", extents, layers.reals(0.5))), extents


def moved(layers: Layers, middles: str, extents: str, deltas: str) -> str:
    """Move and stretch boxes as ``deltas`` (N, 4) say, and cut them to the picture."""
    graph = layers.graph
    middles = graph.node("Add", middles, graph.node("Mul", layers.columns(deltas, 0, 2), extents))
    growth = graph.node("Exp", graph.node("Min", layers.columns(deltas, 2, 4), layers.reals(_GROWTH)))
    halves = graph.node("Mul", graph.node("Mul", growth, extents), layers.reals(0.5))
    corners = [graph.node("Sub", middles, halves), graph.node("Add", middles, halves)]
    boxes = graph.node("Max", graph.node("Concat", *corners, axis=1), layers.reals(0))
    return graph.node("Min", boxes, "size")
