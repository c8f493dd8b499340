"""How many people the finished clips of a run have."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import Any

from posecfg.store.ledger_row import Row


@dataclass
class People:
    """The people of each clip, as they are followed through it; records of earlier versions do not tell of them."""

    counts: list[int] = field(default_factory=list)
    untold: int = 0

    def add(self, row: Row) -> None:
        """Take in a clip."""
        if row.status != "done":
            return
        if "tracks" in row.facts:
            self.counts.append(row.facts["tracks"])
        else:
            self.untold += 1

    def data(self) -> dict[str, Any]:
        """Return their sum, their median over clips, and how many clips have none; None where not all are known."""
        known = bool(self.counts) and not self.untold
        return {
            "people": sum(self.counts) if known else None,
            "people_median": median(self.counts) if known else None,
            "clips_without_person": self.counts.count(0) if known else None,
        }
