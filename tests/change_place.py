"""A place for one change between two runs, and the changes by the reason that each gives a clip."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from whole_runs import go

CLIP = "synthetic_0000"
TINY = ("dataset=synthetic", "dataset.clips=2", "dataset.frames=3", "dataset.size=[32,24]")
MANY = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=20", "dataset.size=[32,24]", "writer=[openpose]")
OVER = "overwrite=true"
NOTHING, CONFIG = "nothing to do", "made with another configuration"
LOST = "output is missing or changed"
KINDS = {}


def named(reason, text):
    """Say which reason a change gives a clip, and a part of what is told with it.

    A change makes a first run, changes something, and returns the words of the second.
    """

    def keep(change):
        KINDS[change] = reason, text
        return change

    return keep


@dataclass
class Place:
    """A folder for one change: its output folder, a film, and the clip that is asked for."""

    tmp: Path
    film: Path
    other: Path
    patch: object
    clip: str = CLIP
    versions: dict = field(default_factory=dict)

    @property
    def out(self):
        return self.tmp / "out"

    @property
    def home(self):
        return self.out / ".posecfg"

    @property
    def record(self):
        return self.home / "clips" / f"{self.clip}.json"

    def ran(self, *words):
        go(self.out, *words)
        return words

    def of_film(self, *words):
        """Run over a folder of one film."""
        self.clip, where = "a", self.tmp / "films"
        where.mkdir()
        shutil.copy(self.film, where / "a.mp4")
        return self.ran("dataset=folder", f"dataset.path={where}", *words)

    def of_table(self, start="0", end="0.3", text="hello"):
        """Write a table of one part of a film; return the words that name it."""
        self.clip, where = "part", self.tmp / "films"
        where.mkdir(exist_ok=True)
        shutil.copy(self.film, where / "a.mp4") if not (where / "a.mp4").exists() else None
        table = self.tmp / "table.csv"
        table.write_text(f"VIDEO_NAME,SENTENCE_NAME,START,END,SENTENCE\na,part,{start},{end},{text}\n")
        return "dataset=manifest", f"dataset.path={table}", f"dataset.videos={where}"
