"""The files that clips of a run have got: how many of which kind, how large, and where."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from posecfg.layout import HOME
from posecfg.text import printable, size

KINDS = 4
"""Suffixes that are named."""


@dataclass
class MadeFiles:
    """Counts of files by suffix, their ``bytes`` together, and the ``folder`` below which all of them are."""

    kinds: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    folder: str | None = None

    def add(self, names: Collection[str], size: int) -> None:
        """Take in the files of a clip, by their names below the output folder; what is kept for posecfg is none."""
        shown = [name for name in names if not name.startswith(f"{HOME}/")]
        folders = {posixpath.dirname(name) for name in shown}
        self.kinds.update(posixpath.splitext(name)[1] or "without a suffix" for name in shown)
        self.bytes += size
        if self.folder is not None:
            folders.add(self.folder)
        if folders:
            self.folder = "" if "" in folders else posixpath.commonpath(folders)

    @property
    def number(self) -> int:
        """How many files there are."""
        return sum(self.kinds.values())

    def sentence(self) -> str:
        """Return '162 .jpg, 3 .json, 8.9 MB, in coco'; a single kind has no number."""
        common = self.kinds.most_common()
        kinds = [f"{number:,} {kind}" if len(common) > 1 else kind for kind, number in common[:KINDS]]
        more = [f"{sum(n for _, n in common[KINDS:]):,} others"] if len(common) > KINDS else []
        where = [f"in {self.folder}"] if self.folder else []
        return printable(", ".join([*kinds, *more, size(self.bytes), *where]))
