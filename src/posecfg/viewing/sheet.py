"""Lay out what is looked at as one page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from posecfg.drawing.chart import Line, heat, line_chart
from posecfg.drawing.page import Area, Page, width_of
from posecfg.drawing.theme import INK, LEFT, MIDDLE, PAPER, QUIET, RIGHT, SERIES, side
from posecfg.text import printable, shortened
from posecfg.viewing.cards import CARDS, cards
from posecfg.viewing.strip import missing, strip
from posecfg.viewing.subject import Columns, Moving, Numbers, Subject
from posecfg.writers.placing import upright

if TYPE_CHECKING:
    from posecfg.arrays import F64, U8
    from posecfg.types import PoseTrack

WIDTH, MARGIN = 1600, 56
_HEAD, _GAP = 118, 54
_STRIP, _CHART = 330, 300
_TITLE, _TEXT, _NAME = 19.0, 10.0, 9.0
# Px of a row of colours, and the most of all rows.
_ROW, _ROWS = 15, 560
# Columns that are lines; more are colours.
_LINES = 8
# Keypoints whose way is told, where a skeleton has them.
_TOLD = ("nose", "head", "left_wrist", "right_wrist", "left_ankle", "right_ankle")


def draw(subject: Subject, rows: Sequence[int] | None = None, kpt_thr: float = 0.0) -> U8:
    """Return the page (H, W, 3) of ``subject``; by default poses of rows spread over all are shown."""
    if isinstance(subject, Numbers):
        return _numbers(subject)
    if subject.apart or (len(subject.people) > 1 and subject.people[0].xyz is None):
        return _apart(subject, rows, kpt_thr)
    return _alone(subject, rows, kpt_thr)


def _apart(subject: Moving, rows: Sequence[int] | None, kpt_thr: float) -> U8:
    """Return a page with a card for each person."""
    wide, number = WIDTH - 2 * MARGIN, min(len(subject.people), CARDS)
    across = 3 if number > 4 else 2
    height = cards(None, Area(MARGIN, 0, MARGIN + wide, 0), subject, None, kpt_thr, across)
    page = _page(subject, _HEAD + height + 40)
    cards(page, Area(MARGIN, _HEAD, MARGIN + wide, _HEAD + height), subject, rows, kpt_thr, across)
    return page.rgb


def _alone(subject: Moving, rows: Sequence[int] | None, kpt_thr: float) -> U8:
    """Return a page of one person, or of several in one space: poses, the way of some keypoints, and all scores."""
    one = subject.people[0] if subject.people else None
    count = len(one.skeleton) if one is not None and len(one.skeleton) else 1
    table = (_ROWS // count * count or _ROWS if count * _ROW > _ROWS else count * _ROW) + 26
    top = _HEAD + _STRIP + _GAP
    page = _page(subject, top + _CHART + _GAP + table + 40)
    left, right = MARGIN, WIDTH - MARGIN
    strip(page, Area(left, _HEAD, right, _HEAD + _STRIP), subject, rows, kpt_thr)
    if one is None:
        return page.rgb
    time = _time(subject)
    what, lines, down = _ways(one, kpt_thr)
    page.text(left, top - 14, what, _NAME, INK)
    empty = missing(one, kpt_thr)
    line_chart(page, Area(left, top + 4, right, top + _CHART), lines, time, down, empty)
    top += _CHART + _GAP
    what, values, span = _measure(one, time[0], subject.timed)
    page.text(left, top - 14, what, _NAME, INK)
    heat(page, Area(left, top, right, top + table), values, [_plain(n) for n in one.skeleton.keypoints], time, span)
    return page.rgb


def _numbers(subject: Numbers) -> U8:
    heights = [_CHART if _is_lines(one) else min(len(one.names) * _ROW, _ROWS) + 26 for one in subject.tables]
    page = _page(subject, _HEAD + sum(heights) + _GAP * len(heights))
    top, left, right = _HEAD + 20, MARGIN, WIDTH - MARGIN
    for table, height in zip(subject.tables, heights, strict=True):
        page.text(left, top - 14, table.what, _NAME, INK)
        area = Area(left, top, right, top + height)
        if _is_lines(table):
            columns = zip(table.names, table.values.T, SERIES, strict=False)
            line_chart(page, area, [Line(*one) for one in columns], _time(subject))
        else:
            known = table.values[np.isfinite(table.values)]
            span = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
            heat(page, area, table.values.T, table.names, _time(subject), span)
        top += height + _GAP
    return page.rgb


def _is_lines(table: Columns) -> bool:
    return len(table.names) <= _LINES


def _time(subject: Subject) -> tuple[F64, str]:
    return subject.times, "seconds" if subject.timed else "rows"


def _page(subject: Subject, height: int) -> Page:
    """Return a page with a title, and what there is to say of the whole."""
    page = Page(WIDTH, height, PAPER)
    page.text(MARGIN, 58, shortened(subject.title, 70), _TITLE, INK)
    page.text(MARGIN, 88, printable("   ".join(subject.facts)), _TEXT, QUIET)
    if isinstance(subject, Moving):
        x = WIDTH - MARGIN
        for name, color in (("right", RIGHT), ("left", LEFT)):
            x -= width_of(name, _NAME)
            page.text(x, 58, name, _NAME, color)
            page.discs(np.array([[x - 10.0, 58 - _NAME / 2]]), 4.0, color)
            x -= 34
    return page


def _ways(one: PoseTrack, kpt_thr: float) -> tuple[str, list[Line], bool]:
    """Return the heights of some keypoints over time, what they are, and whether they grow downwards."""
    index = one.skeleton.index
    names = [name for name in _TOLD if name in index] or list(index)[:5]
    values = one.xy[..., 1].astype(np.float64) if one.xyz is None else _above_floor(one)
    values[one.scores < kpt_thr] = np.nan
    lines = [Line(_plain(name), values[:, index[name]], _color(name)) for name in names]
    if one.xyz is None:
        return "height in the picture, px from the top", lines, True
    return "height above the floor, metres", lines, False


def _above_floor(one: PoseTrack) -> F64:
    """Return the heights (T, K) of points in space, from the lowest on that is no stray."""
    points = np.zeros((0, 0, 3)) if one.xyz is None else one.xyz
    heights: F64 = points.astype(np.float64) @ upright(one, 0.0)[2]
    lowest = np.fmin.reduce(heights, axis=1)
    known = lowest[np.isfinite(lowest)]
    return heights - (float(np.quantile(known, 0.005)) if len(known) else 0.0)


def _color(name: str) -> tuple[int, int, int]:
    """Return the colour of a side, lighter for the feet."""
    color = side(name)
    if color == MIDDLE or "ankle" not in name:
        return color
    red, green, blue = ((part + 255) // 2 for part in color)
    return red, green, blue


def _measure(one: PoseTrack, times: F64, timed: bool) -> tuple[str, F64, tuple[float, float]]:
    """Return the scores (K, T) of all keypoints, or how fast they are where there are no scores."""
    if np.isfinite(one.scores).any():
        top = max(1.0, float(np.nanmax(one.scores)))
        return (
            f"scores ({one.meaning.score})" if one.meaning.score else "scores",
            one.scores.T.astype(np.float64),
            (0.0, top),
        )
    points = (one.xy if one.xyz is None else one.xyz).astype(np.float64)
    step = np.linalg.norm(np.diff(points, axis=0), axis=2) / np.maximum(np.diff(times), 1e-9)[:, None]
    speed = np.concatenate([np.full((1, step.shape[1]), np.nan), step])
    known = speed[np.isfinite(speed)]
    unit = f"{'px' if one.xyz is None else 'm'}/{'s' if timed else 'row'}"
    return f"speed, {unit}", speed.T, (0.0, float(np.quantile(known, 0.99)) if len(known) else 1.0)


def _plain(name: str) -> str:
    return shortened(name.replace("_", " "), 30)
