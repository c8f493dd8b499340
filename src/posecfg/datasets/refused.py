"""What a data set does not take, counted by reason."""

from __future__ import annotations

from collections import Counter

from posecfg.types import Excluded

LISTED = 100_000
"""So many of one reason are named; a file of rubbish must not fill the memory."""


class Refused:
    """Collects what is left out in the order of the file."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._items: list[Excluded] = []

    def add(self, name: str, reason: str, number: int = 1) -> None:
        """Note one thing, or so many that are named together."""
        self.counts[reason] += number
        if self.counts[reason] <= LISTED or number > 1:
            self._items.append(Excluded(name, reason))

    @property
    def excluded(self) -> tuple[Excluded, ...]:
        """All of them, and how many more there are of a reason that is too frequent."""
        named = Counter(item.reason for item in self._items)
        more = ((reason, count) for reason, count in self.counts.items() if count > LISTED and named[reason] >= LISTED)
        return (*self._items, *(Excluded(f"{count - LISTED:,} more", reason) for reason, count in more))

    def __str__(self) -> str:
        return ", ".join(f"{count:,} {reason}" for reason, count in self.counts.most_common())
