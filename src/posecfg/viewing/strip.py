"""Poses at a few moments, side by side and of one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from posecfg.drawing.page import Area, Page
from posecfg.drawing.pane import Pane
from posecfg.drawing.stick import stick
from posecfg.drawing.theme import CARD, INK, LEFT, MIDDLE, QUIET, RIGHT
from posecfg.drawing.tubes import Canvas
from posecfg.viewing.subject import Moving
from posecfg.writers.placing import Placing

if TYPE_CHECKING:
    from posecfg.arrays import F64, U8
    from posecfg.types import PoseTrack

PANELS = 6
_GAP, _ROUND = 16, 10.0
# How much of a panel a person fills.
_FILL = 0.8
# H.264's number of the colour matrix that ``_rgb`` goes by.
_STANDARD = 5
_COLORS = {"right": RIGHT, "left": LEFT, "middle": MIDDLE}


def strip(page: Page, area: Area, subject: Moving, rows: Sequence[int] | None, kpt_thr: float) -> None:
    """Draw the poses of ``rows``, by default those of moments spread over all rows with a pose."""
    chosen = list(rows) if rows else spread(subject.people, PANELS)
    if not chosen:
        page.box(area, CARD, _ROUND)
        page.centred(area, "no person", 12, QUIET)
        return
    wide = (area.width - _GAP * (PANELS - 1)) // PANELS if len(chosen) <= PANELS else 0
    wide = wide or (area.width - _GAP * (len(chosen) - 1)) // len(chosen)
    panels = [
        Area(area.left + n * (wide + _GAP), area.top, area.left + n * (wide + _GAP) + wide, area.bottom)
        for n in range(len(chosen))
    ]
    space = subject.people[0].xyz is not None
    pictures = _space(subject.people, chosen, min(wide, area.height)) if space else []
    reach = 0.0 if space else _reach(subject.people, chosen, kpt_thr)
    for number, (panel, row) in enumerate(zip(panels, chosen, strict=True)):
        page.box(panel, CARD, _ROUND)
        if space:
            picture = pictures[number]
            page.picture(panel.left, panel.top + (panel.height - len(picture)) // 2, picture)
        else:
            _flat(page, panel, subject.people, row, reach, kpt_thr)
        moment = f"{subject.times[row]:.2f} s" if subject.timed else ""
        page.text(panel.left + 14, panel.bottom - 14, moment or f"row {row}", 9, INK)
        if moment:
            page.text(panel.right - 14, panel.bottom - 14, f"row {row}", 8, QUIET, 1.0)


def spread(people: Sequence[PoseTrack], number: int) -> list[int]:
    """Return ``number`` rows with a pose, spread evenly over all of them."""
    if not people:
        return []
    there = np.flatnonzero(np.any([one.valid | one.made for one in people], axis=0))
    if len(there) <= number:
        return [int(row) for row in there]
    return [int(there[(2 * n + 1) * len(there) // (2 * number)]) for n in range(number)]


def shown(one: PoseTrack, row: int, kpt_thr: float) -> F64:
    """Return the pixels (K, 2) of a pose, NaN for keypoints that are missing or score too low."""
    points: F64 = one.xy[row].astype(np.float64)
    points[(one.scores[row] < kpt_thr) | ~np.isfinite(points).all(axis=1)] = np.nan
    return points


def missing(one: PoseTrack, kpt_thr: float, row: int | None = None) -> str:
    """Return what is said where nothing of a person is drawn, in one row or at all."""
    points = one.xy if one.xyz is None else one.xyz
    there = bool(np.isfinite(points if row is None else points[row]).any())
    return f"no keypoint scores {kpt_thr:g} or more" if there and kpt_thr > 0 else "no pose here"


def _bounds(people: Sequence[PoseTrack], row: int, kpt_thr: float) -> tuple[F64, F64] | None:
    points = np.concatenate([shown(one, row, kpt_thr) for one in people])
    known = points[np.isfinite(points[:, 0])]
    return (known.min(axis=0), known.max(axis=0)) if len(known) else None


def _reach(people: Sequence[PoseTrack], rows: Sequence[int], kpt_thr: float) -> float:
    found = [_bounds(people, row, kpt_thr) for row in rows]
    return max((float((high - low).max()) for low, high in filter(None, found)), default=1.0) or 1.0


def _flat(page: Page, panel: Area, people: Sequence[PoseTrack], row: int, reach: float, kpt_thr: float) -> None:
    found = _bounds(people, row, kpt_thr)
    if found is None:
        page.centred(panel, missing(people[0], kpt_thr, row), 10, QUIET)
        return
    middle = (found[0] + found[1]) / 2
    scale = _FILL * min(panel.width, panel.height - 40) / reach
    centre = np.array([(panel.left + panel.right) / 2, (panel.top + panel.bottom - 24) / 2])
    for one in people:
        fine = 1.6 if len(one.skeleton) > 60 else 3.4
        stick(page, one.skeleton, (shown(one, row, kpt_thr) - middle) * scale + centre, fine, panel)


def _space(people: Sequence[PoseTrack], rows: Sequence[int], size: int) -> list[U8]:
    """Return a square picture of each row, of people on a floor."""
    size -= size % 2
    placing = Placing(people)
    pane = Pane(replace(placing.view, size=size), "", _STANDARD, True, size, _COLORS)
    return [_rgb(pane(placing.figures(row), *placing.middle(row))) for row in rows]


def _rgb(canvas: Canvas) -> U8:
    """Return (H, W, 3) of a picture of full range, with the colour matrix of standard definition."""
    y = canvas.y.astype(np.float32)
    u, v = (part.repeat(2, axis=0).repeat(2, axis=1).astype(np.float32) - 128 for part in canvas.uv)
    parts = y + 1.402 * v, y - 0.344136 * u - 0.714136 * v, y + 1.772 * u
    found: U8 = np.rint(np.clip(np.stack(parts, axis=-1), 0, 255)).astype(np.uint8)
    return found
