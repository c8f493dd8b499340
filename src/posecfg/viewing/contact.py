"""A page with a cell for each clip of a folder of results: a picture with the pose, id, rows, and what is missing."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posecfg.drawing.page import Area, Page, width_of
from posecfg.drawing.stick import stick
from posecfg.drawing.theme import CARD, INK, PAPER, QUIET, RIGHT
from posecfg.text import count, printable, shortened
from posecfg.viewing.still import Still, fitted
from posecfg.viewing.strip import shown

if TYPE_CHECKING:
    from posecfg.arrays import U8
    from posecfg.viewing.results import Result

WIDTH, MARGIN = 1600, 40
_HEAD, _GAP, _ROUND, _BELOW = 100, 18, 8.0, 52
_TITLE, _NAME, _TEXT, _NOTE = 17.0, 9.0, 8.0, 8.0
# Height of a cell's picture as a share of its width, and the most px; a page is about so many times as wide as high.
_FLAT, _USUAL, _TALL, _HIGHEST, _WIDE = 0.5, 0.75, 1.35, 640, 1.5
_MOST_ACROSS = 8
# Above this share of rows without anybody the number is told in another colour.
_MUCH = 0.25
# Lines of a note alone, and above people; and the height of each.
_LINES, _ABOVE, _LINE = 6, 2, 17


@dataclass(frozen=True)
class Grid:
    """Columns and rows of a page, and the ``room`` (width, height) px of each picture."""

    across: int
    down: int
    room: tuple[int, int]

    @classmethod
    def of(cls, number: int, sizes: Sequence[tuple[int, int]] = ()) -> Grid:
        """Lay out so many clips, whose pictures have these ``sizes``, as far as they are known."""
        shapes = sorted(height / width for width, height in sizes if width and height)
        shape = min(max(shapes[len(shapes) // 2] if shapes else _USUAL, _FLAT), _TALL)
        across = min(max(round(math.sqrt(number * shape * _WIDE)), 1), _MOST_ACROSS, number)
        wide = (WIDTH - 2 * MARGIN - _GAP * (across - 1)) // across
        return cls(across, -(-number // across), (wide, min(round(wide * shape), _HIGHEST)))


def draw(
    title: str,
    facts: Sequence[str],
    clips: Sequence[Result],
    grid: Grid,
    picture: Callable[[Result], Still],
    kpt_thr: float,
) -> U8:
    """Return the page (H, W, 3); ``picture`` is asked for each clip in turn."""
    across, down, (wide, high) = grid.across, grid.down, grid.room
    page = Page(WIDTH, _HEAD + down * (high + _BELOW + _GAP) + MARGIN - _GAP, PAPER)
    page.text(MARGIN, 52, _cut(printable(title), _TITLE, WIDTH - 2 * MARGIN), _TITLE, INK)
    page.text(MARGIN, 80, _cut(", ".join(map(printable, facts)), 10.0, WIDTH - 2 * MARGIN), 10.0, QUIET)
    for number, clip in enumerate(clips):
        left = MARGIN + number % across * (wide + _GAP)
        top = _HEAD + number // across * (high + _BELOW + _GAP)
        _cell(page, Area(left, top, left + wide, top + high), clip, picture(clip), kpt_thr)
    return page.rgb


def _cell(page: Page, card: Area, clip: Result, seen: Still, kpt_thr: float) -> None:
    page.box(card, CARD, _ROUND)
    if seen.picture is not None:
        height, width = seen.picture.shape[:2]
        page.picture(card.left + (card.width - width) // 2, card.top + (card.height - height) // 2, seen.picture)
    elif seen.people and seen.size is not None and seen.row is not None:
        size = fitted(seen.size, (card.width, card.height))
        corner = np.array([card.left + (card.width - size[0]) / 2, card.top + (card.height - size[1]) / 2])
        for one in seen.people:
            points = shown(one, seen.row, kpt_thr) * (np.array(size) / np.array(seen.size)) + corner
            stick(page, one.skeleton, points, 2.0, card)
    _note(page, card, seen.note or ("" if seen.picture is not None else clip.reason), bool(seen.people))
    page.text(card.left, card.bottom + 20, _cut(printable(clip.id), _NAME, card.width), _NAME, INK)
    told, mark = _told(clip, seen)
    page.text(card.left, card.bottom + 40, _cut(told, _TEXT, card.width), _TEXT, RIGHT if mark else QUIET)


def _told(clip: Result, seen: Still) -> tuple[str, bool]:
    """Return the line below a clip's name, and whether it is to be seen at once."""
    if clip.status != "done":
        reason = clip.reason if seen.picture is not None or seen.note else ""
        return printable(": ".join(filter(None, [clip.status, reason]))), True
    missing = f"{clip.share:.1%} missing" if clip.missing else "none missing"
    row = f", row {seen.row}" if seen.row is not None else ""
    return f"{count(clip.rows, 'row')}, {missing}{row}", clip.share > _MUCH


def _note(page: Page, card: Area, text: str, at_top: bool) -> None:
    """Write a note into the cell: in its middle, or above people who are drawn without a film."""
    if not text:
        return
    letters = max(8, int(card.width * 0.92 / (width_of("abcdefghij klmnopqrst", _NOTE) / 21)))
    lines = textwrap.wrap(printable(text), letters, max_lines=_ABOVE if at_top else _LINES, placeholder="…")
    top = card.top + 20 if at_top else (card.top + card.bottom - _LINE * (len(lines) - 1)) / 2
    for number, line in enumerate(lines):
        page.text((card.left + card.right) / 2, top + _LINE * number, line, _NOTE, QUIET, 0.5)


def _cut(text: str, size: float, room: int) -> str:
    """Return a text that takes at most ``room`` px, shortened in its middle."""
    if width_of(text, size) <= room:
        return text
    letters = max(4, int(len(text) * room / width_of(text, size)))
    while letters > 4 and width_of(shortened(text, letters), size) > room:
        letters -= 1
    return shortened(text, letters)
