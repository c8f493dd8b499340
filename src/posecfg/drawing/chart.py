"""Charts on a page: lines over time, and tables of numbers as colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posecfg.drawing.colors import Rgb
from posecfg.drawing.page import Area, Page, width_of
from posecfg.drawing.theme import BLANK, FAINT, GRID, INK, QUIET, RAMP

if TYPE_CHECKING:
    from posecfg.arrays import F64, U8

SMALL = 8.0
# Px between names at the ends of lines.
_APART = 16


@dataclass(frozen=True)
class Line:
    """One line of a chart: its name, ``values`` (T,), NaN where missing, and its colour."""

    name: str
    values: F64
    color: Rgb


@dataclass(frozen=True)
class Scale:
    """Numbers from ``low`` to ``high`` as px from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, values: F64) -> F64:
        """Return px."""
        found: F64 = self.start + (values - self.low) / (self.high - self.low or 1.0) * (self.end - self.start)
        return found


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return at most ``most`` round numbers from ``low`` to ``high``."""
    span = high - low
    if not span > 0 or not math.isfinite(span):
        return [low]
    step = 10.0 ** math.floor(math.log10(span))
    # From the finest on: 0.1, 0.2, 0.5, 1, 2, 5 ... of the power of ten.
    step = next(step * part for part in (0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5, 10, 20) if span / (step * part) < most)
    first = math.ceil(low / step - 1e-9)
    return [round(number * step, 12) for number in range(first, math.floor(high / step + 1e-9) + 1)]


def told(value: float) -> str:
    """Return a number of an axis as text."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.6g}"


def line_chart(
    page: Page, area: Area, series: Sequence[Line], time: tuple[F64, str], down: bool = False, empty: str = "no values"
) -> None:
    """Draw lines over ``time``, its values (T,) and what they are; ``down`` has larger values below smaller ones.

    Names stand at the ends of lines, in their colours; ``empty`` is said where no line has a value.
    """
    known = np.concatenate([line.values[np.isfinite(line.values)] for line in series] or [np.zeros(0)])
    if not len(known):
        page.centred(area, empty, 10, QUIET)
        return
    low, high = float(known.min()), float(known.max())
    pad = (high - low) * 0.06 or 1.0
    low, high = low - pad, high + pad
    marks = ticks(low, high)
    left = area.left + max(width_of(told(mark), SMALL) for mark in marks) + 10
    right = area.right - max(width_of(name, SMALL) for name in (time[1], *(line.name for line in series))) - 14
    plot = Area(left, area.top, right, area.bottom - 26)
    ends = (plot.top, plot.bottom) if down else (plot.bottom, plot.top)
    upright, across = Scale(low, high, *ends), time_axis(page, plot, *time)
    for mark in marks:
        y = float(upright(np.array([mark]))[0])
        page.lines(np.array([[plot.left, y, plot.right, y]]), GRID, 1.0)
        page.text(plot.left - 8, y + SMALL / 2, told(mark), SMALL, QUIET, 1.0)
    for line in series:
        points = np.stack([across(time[0]), upright(line.values)], axis=1)
        page.path(thinned(points, plot.width), line.color, 2.0, within=plot)
    _names(page, plot, series, upright)


def time_axis(page: Page, plot: Area, values: F64, what: str) -> Scale:
    """Draw the marks of time below a plot, and return its scale."""
    last = float(values[-1]) if len(values) else 0.0
    across = Scale(0.0, last or 1.0, plot.left, plot.right)
    for mark in ticks(0.0, last, 11):
        x = float(across(np.array([mark]))[0])
        page.lines(np.array([[x, plot.bottom, x, plot.bottom + 4]]), FAINT, 1.0)
        page.text(x, plot.bottom + 8 + SMALL, told(mark), SMALL, QUIET, 0.5)
    page.text(plot.right + 14, plot.bottom + 8 + SMALL, what, SMALL, QUIET)
    return across


def _names(page: Page, plot: Area, series: Sequence[Line], upright: Scale) -> None:
    """Write names at the ends of lines, moved apart where they would cover each other."""
    ends = [(float(upright(line.values[np.isfinite(line.values)][-1:])[0]), line) for line in series if _is_known(line)]
    ends.sort(key=lambda end: end[0])
    places: list[float] = []
    for y, _ in ends:
        places.append(max(y, places[-1] + _APART) if places else y)
    # What was pushed out below moves up, and pushes the names above it.
    limit = float(plot.bottom)
    for number in reversed(range(len(places))):
        places[number] = min(places[number], limit)
        limit = places[number] - _APART
    for place, (_, line) in zip(places, ends, strict=True):
        page.text(plot.right + 10, place + SMALL / 2, line.name, SMALL, line.color)


def _is_known(line: Line) -> bool:
    return bool(np.isfinite(line.values).any())


def thinned(points: F64, width: int) -> F64:
    """Return ``points`` (N, 2) of a line over time, of many in a pixel only the lowest and the highest."""
    group = len(points) // max(2 * width, 1)
    if group < 2:
        return points
    count = len(points) // group
    parts = points[: count * group].reshape(count, group, 2)
    value = parts[..., 1]
    empty = np.isnan(value).all(axis=1)
    low = np.argmin(np.where(np.isnan(value), np.inf, value), axis=1)
    high = np.argmax(np.where(np.isnan(value), -np.inf, value), axis=1)
    order = np.sort(np.stack([low, high], axis=1), axis=1)
    found: F64 = np.take_along_axis(parts, order[..., None], axis=1)
    found[empty] = np.nan
    return found.reshape(-1, 2)


def shades(values: F64, low: float, high: float) -> U8:
    """Return the colours (..., 3) of numbers, light for ``low`` and dark for ``high``, blank where missing."""
    share = np.clip((values - low) / (high - low or 1.0), 0, 1)
    place = np.nan_to_num(share) * (len(RAMP) - 1)
    ramp = np.array(RAMP, np.float64)
    below = np.floor(place).astype(np.int64).clip(0, len(RAMP) - 2)
    part = (place - below)[..., None]
    color = ramp[below] * (1 - part) + ramp[below + 1] * part
    color[np.isnan(values)] = BLANK
    found: U8 = np.rint(color).astype(np.uint8)
    return found


def pooled(values: F64, columns: int) -> F64:
    """Return ``values`` (R, T) in ``columns`` of equal width: of many in a column their mean."""
    rows, length = values.shape
    edges = np.arange(columns + 1) * length // columns
    starts = edges[:-1].clip(0, max(length - 1, 0))
    if not length:
        return np.full((rows, columns), np.nan)
    if length <= columns:
        held: F64 = values[:, starts]
        return held
    known = np.isfinite(values)
    total = np.add.reduceat(np.where(known, values, 0.0), starts, axis=1)
    count = np.add.reduceat(known, starts, axis=1, dtype=np.int64)
    found: F64 = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return found


def heat(
    page: Page, area: Area, values: F64, names: Sequence[str], time: tuple[F64, str], span: tuple[float, float]
) -> None:
    """Draw a table (R, T) as colours, a named row of equal height for each of R, over ``time`` as ``line_chart``.

    Of more rows than there are px, those that share one are their mean, which is said in the place of their names.
    """
    note = f"means of {len(values):,} rows" if len(values) > area.height - 26 else ""
    if note:
        values, names = pooled(values.T, area.height - 26).T, ()
    wide = max(width_of(name, SMALL) for name in (note, *names))
    each = max((area.height - 26) // max(len(values), 1), 1)
    plot = Area(area.left + wide + 10, area.top, area.right - 90, area.top + each * len(values))
    shown = shades(pooled(values, plot.width), *span)
    gap = 1 if each > 4 else 0
    for number, row in enumerate(shown):
        top = plot.top + number * each
        page.picture(plot.left, top, np.repeat(row[None], each - gap, axis=0))
        if each >= SMALL + 3 and number < len(names):
            page.text(plot.left - 8, top + (each + SMALL) / 2 - gap, names[number], SMALL, INK, 1.0)
    page.text(plot.left - 8, plot.top + SMALL, note, SMALL, QUIET, 1.0)
    time_axis(page, plot, *time)
    _key(page, Area(plot.right + 18, plot.top, plot.right + 30, plot.top + min(120, plot.height)), span)


def _key(page: Page, area: Area, span: tuple[float, float]) -> None:
    """Draw what the colours mean."""
    ramp = shades(np.linspace(span[1], span[0], area.height), *span)
    page.picture(area.left, area.top, np.repeat(ramp[:, None], area.width, axis=1))
    page.text(area.right + 8, area.top + SMALL, f"{span[1]:.3g}", SMALL, QUIET)
    page.text(area.right + 8, area.bottom, f"{span[0]:.3g}", SMALL, QUIET)
