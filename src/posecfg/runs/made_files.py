"""The files that clips of a run have got: how many of which kind, how large, where, and how the first are called."""

from __future__ import annotations

import heapq
import posixpath
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from posecfg.layout import HOME
from posecfg.text import printable, shortened, size

KINDS = 4
"""Suffixes that are named."""
NAMED = 3
"""Files that are named."""
LONGEST = 40
"""Characters of a name that are shown."""


@dataclass
class MadeFiles:
    """Counts of files by suffix, their ``bytes`` together, and the ``folder`` below which all of them are.

    ``first`` are the first few of them by name; ``recalled`` are the clips of which something was remembered.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    recalled: int = 0
    folder: str | None = None
    first: list[str] = field(default_factory=list)

    def add(self, names: Collection[str], size: int) -> None:
        """Take in the files of a clip, by their names below the output folder; what is kept for posecfg is none."""
        shown = [name for name in names if not name.startswith(f"{HOME}/")]
        folders = {posixpath.dirname(name) for name in shown}
        self.kinds.update(posixpath.splitext(name)[1] or "without a suffix" for name in shown)
        self.bytes += size
        self.first = heapq.nsmallest(NAMED, [*self.first, *shown])
        if self.folder is not None:
            folders.add(self.folder)
        if folders:
            self.folder = "" if "" in folders else posixpath.commonpath(folders)

    def data(self) -> dict[str, int]:
        """Return the counts as JSON values."""
        return {"files": self.number, "bytes": self.bytes, "recalled": self.recalled}

    @property
    def number(self) -> int:
        """How many files there are."""
        return sum(self.kinds.values())

    def sentence(self) -> str:
        """Return '162 .jpg, 3 .json, 8.9 MB, in coco: a.jpg, b.jpg, c.jpg ...'; a single kind has no number."""
        common = self.kinds.most_common()
        kinds = [f"{number:,} {kind}" if len(common) > 1 else kind for kind, number in common[:KINDS]]
        more = [f"{sum(n for _, n in common[KINDS:]):,} others"] if len(common) > KINDS else []
        where = [f"in {self.folder}"] if self.folder else []
        names = [shortened(posixpath.relpath(name, self.folder or "."), LONGEST) for name in self.first]
        etc = " ..." if self.number > len(names) else ""
        return printable(f"{', '.join([*kinds, *more, size(self.bytes), *where])}: {', '.join(names)}{etc}")
