"""What a process must know to remember detections, as the parent tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Remembering:
    """Where detections are remembered, what they depend on, and which detector finds those that are not: plain values.

    ``folder`` and ``limit`` (bytes) are those of the memory. ``key`` is all that detections depend on beside the clip,
    ``boxes`` that of boxes that are remembered apart, None where there are none. ``detector`` is the detector to build,
    which gives everybody above ``floor``; the run sees people above ``cut`` only, None for all that the detector gives.
    ``extends`` says that a part of a clip can be added to, ``reads`` that the memory is read and not only written,
    ``named`` that detections may depend on the id of a clip and what is said of it, ``annotated`` that the sampler
    reads annotations. ``name`` is what the user typed for the detector, for the list of what is remembered.
    """

    folder: str
    limit: int
    key: Mapping[str, Any]
    detector: Mapping[str, Any]
    floor: float = 0.0
    cut: float | None = None
    boxes: Mapping[str, Any] | None = None
    extends: bool = True
    reads: bool = True
    named: bool = False
    annotated: bool = False
    name: str = ""
