"""Match glob patterns one folder at a time, so that a walk enters only folders that can hold a match."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

MAGIC = frozenset("*?[")


@dataclass(frozen=True)
class Pattern:
    """The parts of a glob pattern; ``**`` stands for any number of folders.

    A set of positions says how far a path has matched: position ``i`` expects part ``i`` next. Brackets also match
    themselves, since people put them in file names.
    """

    parts: tuple[str, ...]

    @property
    def start(self) -> frozenset[int]:
        """Return the positions before the first name."""
        return self._skipped({0})

    def advance(self, positions: frozenset[int], name: str) -> frozenset[int]:
        """Return the positions after one more name; empty when nothing below can match."""
        after = set()
        for position in positions:
            if position == len(self.parts):
                continue
            part = self.parts[position]
            if part == "**":
                after.add(position)
            elif fnmatchcase(name, part) or fnmatchcase(name, part.replace("[", "[[]")):
                after.add(position + 1)
        return self._skipped(after)

    def matched(self, positions: frozenset[int]) -> bool:
        """Tell whether the path so far matches the whole pattern."""
        return len(self.parts) in positions

    @property
    def names_suffix(self) -> bool:
        """Tell whether the last part spells out a suffix, as ``*.dat`` does."""
        _, dot, last = self.parts[-1].rpartition(".")
        return bool(dot and last) and not MAGIC.intersection(last)

    def _skipped(self, positions: set[int]) -> frozenset[int]:
        """Add the positions that are reached because ``**`` may stand for nothing."""
        found = set(positions)
        for position in positions:
            while position < len(self.parts) and self.parts[position] == "**":
                position += 1
                found.add(position)
        return frozenset(found)
