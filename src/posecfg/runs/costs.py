"""What the work of a run costs that the user might not expect: the model once more, or files of other writers."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from posecfg.pipeline.annotations import METRIC
from posecfg.pipeline.work import Work
from posecfg.store.ledger_row import Row
from posecfg.text import count

INPUT, CHANGED = "input may have changed", "input has changed"


@dataclass
class Costs:
    """Counts of clips: ``again`` whose poses are computed again for single writers, by reason and these writers.

    ``removed`` lose the files of a writer, by its name, because they are made again without it; ``endangered`` do so
    if their input has changed, which is known when it is read. ``heavy`` tells that poses need a model. ``pictured``
    are the writers that need the frames in any case. ``remembers`` tells that poses may come from remembered detections
    instead.
    """

    again: Counter[tuple[str, tuple[str, ...]]] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    endangered: Counter[str] = field(default_factory=Counter)
    heavy: bool = True
    pictured: Collection[str] = ()
    remembers: bool = False

    def add(self, work: Work, why: str, row: Row | None, root: Path, wanted: Collection[str]) -> None:
        """Count one clip that is to do, as far as its files tell without being read."""
        if row is None:
            return
        # Metrics, which have a dot in their name, have no files.
        unnamed = [name for name in row.writers if name not in wanted and "." not in name]
        if not work.kept:
            self.removed.update(unnamed)
            return
        if why == INPUT:
            self.endangered.update(unnamed)
        if why == CHANGED:
            self.removed.update(unnamed)
        if work.writers and not any(_is_stored(root, name, size) for name, size, *_ in row.files):
            self.again[why, work.writers] += 1

    def notes(self) -> list[str]:
        """Return one sentence for each kind of cost."""
        notes = []
        for (why, names), number in self.again.items():
            if not self.heavy and any(name in self.pictured for name in names):
                continue
            need, them = "needs" if len(names) == 1 else "need", "it" if number == 1 else "them"
            what = "the model again" if self.heavy else "the frames decoded again"
            named = ", ".join(name.removeprefix(METRIC) for name in names)
            advice = "" if "npz" in names else "; with npz among the writers from the first run on, it would not"
            clips = count(number, "clip")
            if self.remembers:
                clips += f", unless {'its' if number == 1 else 'their'} detections are remembered"
            notes.append(f"{why}: {named} {need} {what} for {clips}, as no npz of {them} is stored{advice}")
        for name, number in self.removed.items():
            of = "1 clip, which is" if number == 1 else f"{number:,} clips, which are"
            notes.append(f"the {name} files of {of} made again without {name}, are removed: name it in writer=[...]")
        for name, number in self.endangered.items():
            of, has = ("1 clip", "its input has") if number == 1 else (f"{number:,} clips", "their inputs have")
            notes.append(f"the {name} files of {of} are removed if {has} changed: name {name} in writer=[...]")
        return notes


def _is_stored(root: Path, name: str, size: int) -> bool:
    """Tell whether ``name`` is an npz that is there with the size that it was written with."""
    try:
        return name.endswith(".npz") and os.stat(f"{root}/{name}").st_size == size
    except OSError:
        return False
