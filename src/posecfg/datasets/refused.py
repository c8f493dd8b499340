"""Collect the inputs that a data set leaves out, counted by reason."""

from __future__ import annotations

from collections import Counter

from posecfg.types import Excluded

LISTED = 100_000
"""Inputs that are named for one reason: an invalid file must not fill the memory."""


class Refused:
    """Inputs that are left out, in the order of the file."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._items: list[Excluded] = []

    def add(self, name: str, reason: str, number: int = 1) -> None:
        """Add one input, or ``number`` of them under one name."""
        self.counts[reason] += number
        if self.counts[reason] <= LISTED or number > 1:
            self._items.append(Excluded(name, reason))

    @property
    def excluded(self) -> tuple[Excluded, ...]:
        """Return the named inputs, and for each frequent reason the number of those not named."""
        named = Counter(item.reason for item in self._items)
        more = ((reason, count) for reason, count in self.counts.items() if count > LISTED and named[reason] >= LISTED)
        return (*self._items, *(Excluded(f"{count - LISTED:,} more", reason) for reason, count in more))

    def __str__(self) -> str:
        return ", ".join(f"{count:,} {reason}" for reason, count in self.counts.most_common())
