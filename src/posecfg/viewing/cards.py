"""A card for each view or person: the pose at one moment, its way, and when it was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from posecfg.drawing.chart import pooled, shades
from posecfg.drawing.page import Area, Page
from posecfg.drawing.stick import stick
from posecfg.drawing.theme import CARD, FAINT, INK, LEFT, QUIET, RIGHT
from posecfg.viewing.strip import missing, shown, spread
from posecfg.viewing.subject import Moving

if TYPE_CHECKING:
    from posecfg.arrays import F64
    from posecfg.types import PoseTrack

CARDS = 12
_GAP, _ROUND, _BAND, _BELOW = 22, 10.0, 8, 34
# Poses beside the one that is shown, and how faint they are.
_GHOSTS, _FAINT = 8, 0.16
_WAYS = (("left_wrist", LEFT), ("right_wrist", RIGHT))


def cards(
    page: Page | None, area: Area, subject: Moving, rows: Sequence[int] | None, kpt_thr: float, across: int
) -> int:
    """Draw cards in rows of ``across``, where there is a page, and return the height that they take."""
    people = subject.people[:CARDS]
    size = subject.size or _extent(people)
    wide = (area.width - _GAP * (across - 1)) // across
    high = round(wide * min(max(size[1] / size[0], 0.4), 1.0))
    each = high + _BAND + _BELOW
    for number, (one, name) in enumerate(zip(people, subject.names, strict=False)):
        left, top = area.left + number % across * (wide + _GAP), area.top + number // across * (each + _GAP)
        if page is not None:
            row = rows[0] if rows else _fullest(people)
            _card(page, Area(left, top, left + wide, top + high), subject, one, name, row, size, kpt_thr)
    return -(-max(len(people), 1) // across) * (each + _GAP) - _GAP


def _fullest(people: Sequence[PoseTrack]) -> int:
    """Return the row in which most people are there, of several the one next to the middle."""
    there = np.sum([one.valid | one.made for one in people], axis=0)
    best = np.flatnonzero(there == there.max()) if len(there) else np.zeros(1, np.int64)
    return int(best[np.argmin(np.abs(best - len(there) // 2))])


def _card(
    page: Page,
    card: Area,
    subject: Moving,
    one: PoseTrack,
    name: str,
    row: int,
    size: tuple[float, float],
    kpt_thr: float,
) -> None:
    page.box(card, CARD, _ROUND)
    scale = min(card.width / size[0], card.height / size[1])
    shift = np.array([card.left + (card.width - size[0] * scale) / 2, card.top + (card.height - size[1] * scale) / 2])
    for other in spread([one], _GHOSTS):
        stick(page, one.skeleton, shown(one, other, kpt_thr) * scale + shift, 1.6, card, _FAINT)
    for joint, color in _WAYS:
        if joint in one.skeleton.index:
            k = one.skeleton.index[joint]
            way = one.xy[:, k].astype(np.float64) * scale + shift
            way[one.scores[:, k] < kpt_thr] = np.nan
            page.path(way, color, 1.0, 0.3, card)
    points = shown(one, row, kpt_thr) * scale + shift
    stick(page, one.skeleton, points, 2.6, card)
    if not np.isfinite(points).any():
        page.centred(card, missing(one, kpt_thr, row), 10, QUIET)
    page.text(card.left + 14, card.top + 24, name, 11, INK)
    moment = f"{subject.times[row]:.2f} s, row {row}" if subject.timed else f"row {row}"
    page.text(card.right - 14, card.top + 22, moment, 8, QUIET, 1.0)
    _band(page, Area(card.left, card.bottom + 8, card.right, card.bottom + 8 + _BAND), one, row)


def _band(page: Page, area: Area, one: PoseTrack, row: int) -> None:
    """Draw the mean score of each moment as a colour, blank where no pose was found, and mark the moment shown."""
    known = np.isfinite(one.scores)
    count = known.sum(axis=1)
    score = np.where(count > 0, np.where(known, one.scores, 0).sum(axis=1) / np.maximum(count, 1), np.nan)
    score = np.where(one.valid & ~known.any(axis=1), 1.0, score).astype(np.float64)
    page.picture(area.left, area.top, np.repeat(shades(pooled(score[None], area.width), 0.0, 1.0), area.height, axis=0))
    x = area.left + (row + 0.5) * area.width / max(len(one), 1)
    page.lines(np.array([[x, area.top - 3, x, area.bottom + 3]]), INK, 1.6)
    missing = 1 - float(one.valid.mean()) if len(one) else 1.0
    mean = float(np.nanmean(score)) if np.isfinite(score).any() else float("nan")
    told = f"mean score {mean:.2f}" if known.any() else ""
    page.text(area.left, area.bottom + 18, told, 8, QUIET)
    page.text(area.right, area.bottom + 18, f"{missing:.1%} missing" if missing else "none missing", 8, QUIET, 1.0)
    page.lines(np.array([[area.left, area.bottom + 1.0, area.right, area.bottom + 1.0]]), FAINT, 0.6)


def _extent(people: Sequence[PoseTrack]) -> tuple[float, float]:
    """Return a picture's size that has all points."""
    points: F64 = np.concatenate([one.xy.reshape(-1, 2) for one in people]).astype(np.float64)
    known = points[np.isfinite(points).all(axis=1)]
    if not len(known):
        return 16.0, 9.0
    width, height = np.maximum(known.max(axis=0) * 1.02, 1e-6).tolist()
    return width, height
