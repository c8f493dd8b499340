"""Which weights and libraries the results of a folder were made with, and whether several are mixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from posecfg.store.clip_record import ClipRecord
from posecfg.store.made_with import of_record
from posecfg.text import count

_DIGITS = 12


class Making:
    """Counts of clips by what they were made with."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, Counter[str]]] = {"weights": {}, "libraries": {}}

    def add(self, record: ClipRecord) -> None:
        """Count one clip."""
        made = of_record(record)
        if made is None:
            return
        tools: dict[str, Mapping[str, str]] = {"weights": made.weights, "libraries": made.libraries}
        for kind, names in tools.items():
            for name, value in names.items():
                self._values[kind].setdefault(name, Counter())[value] += 1

    def mixed(self, kind: str) -> list[str]:
        """Return one sentence if the folder holds results of several ``kind`` (weights or libraries), else none."""
        texts = []
        for name, counted in sorted(self._values[kind].items()):
            if len(counted) > 1:
                shown = [f"{value[:_DIGITS]} ({count(number, 'clip')})" for value, number in sorted(counted.items())]
                texts.append(f"{name} {' and '.join(shown)}")
        if not texts:
            return []
        what = "weights" if kind == "weights" else "versions"
        return [f"results of several {what} are mixed here: {'; '.join(texts)}; redo=true makes all alike"]
