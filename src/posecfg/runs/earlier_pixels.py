"""Results of earlier versions, which gave coordinates in stored pixels where these are not square."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from posecfg.errors import ClipError
from posecfg.store.ledger_row import Row
from posecfg.text import count
from posecfg.types import Clip
from posecfg.video.bound import MAX_PIXELS
from posecfg.video.suffixes import IMAGES

FACT = "pixel_aspect"


class EarlierPixels:
    """Looks at the films of clips whose records do not tell the shape of pixels.

    A film is opened once, however many clips are of it, and one frame of at most ``max_pixels`` is decoded. Without
    ``opens``, clips are only counted.
    """

    def __init__(self, opens: bool = True, max_pixels: int | None = MAX_PIXELS) -> None:
        self._opens, self._max_pixels = opens, max_pixels
        self._aspects: dict[Path, tuple[int, int] | None] = {}
        self._unopened = 0

    def __call__(self, clip: Clip, row: Row) -> Row | None:
        """Return the row with the shape of pixels, as far as it can be known; None if these are not square."""
        if FACT in row.facts or row.status != "done" or not _is_film(clip):
            return row
        if not self._opens:
            self._unopened += 1
            return row
        aspect = self._aspect(clip)
        if aspect is None:
            return row
        return replace(row, facts={**row.facts, FACT: list(aspect)}) if aspect == (1, 1) else None

    def notes(self) -> list[str]:
        """Say how many clips were only counted."""
        if not self._unopened:
            return []
        were = "was" if self._unopened == 1 else "were"
        return [
            f"{count(self._unopened, 'clip')} {were} made before the shape of pixels was recorded: the next run opens "
            "their films once, and makes those again whose pixels are not square"
        ]

    def _aspect(self, clip: Clip) -> tuple[int, int] | None:
        """Return the shape of a film's pixels, None if it cannot be opened."""
        if clip.path not in self._aspects:
            from posecfg.video.probe import probe

            try:
                self._aspects[clip.path] = probe(clip, self._max_pixels).pixel_aspect
            except ClipError:
                self._aspects[clip.path] = None
        return self._aspects[clip.path]


def _is_film(clip: Clip) -> bool:
    """Tell whether a clip is of a film: what is computed has square pixels, and pictures are read as if they had."""
    path = Path(clip.path)
    return clip.scene is None and path.suffix.lower().lstrip(".") not in IMAGES and not path.is_dir()
