"""What a tree of AIST++ has: films and annotations of each split and view, and whether they have one length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from posecfg.datasets import aist_keypoints2d
from posecfg.datasets.aist_arrays import stamp
from posecfg.datasets.aist_cameras import settings
from posecfg.datasets.aist_keypoints2d import RATE
from posecfg.datasets.aist_names import UNFIT, VIEWS, Take
from posecfg.errors import PosecfgError
from posecfg.samplers.slots import Shown, ends, shown
from posecfg.text import count
from posecfg.types import Clip
from posecfg.types.status import Status, StatusRow
from posecfg.video.opening import open_reel
from posecfg.video.span import Span

if TYPE_CHECKING:
    from posecfg.arrays import I64

SIZE = (1920, 1080)
# Bytes of a published pickle for each annotation, and for what is around them.
_A_FRAME, _AROUND = 9 * (17 * 3 + 1) * 4 + 8, 500
FOLDERS = {"2D": "keypoints2d", "3D": "keypoints3d", "motion": "motions"}


@dataclass(frozen=True)
class AistTree:
    """The tree ``root``, its ``films`` by take, and the ``ignored`` sequences; with ``read``, files are opened."""

    root: Path
    films: Mapping[Take, Path]
    ignored: frozenset[str] = frozenset()
    read: bool = False

    def status(self, splits: Mapping[str, Sequence[str]], views: Sequence[str]) -> Status:
        """Return the rows of some splits, which are sequences by name, and views."""
        there = {kind: _names(self.root / folder) for kind, folder in FOLDERS.items()}
        rows = [self._row(name, sorted(splits[name]), view, there) for name in sorted(splits) for view in views]
        return Status(tuple(rows), SIZE, self.read)

    def _row(self, split: str, sequences: Sequence[str], view: str, there: Mapping[str, frozenset[str]]) -> StatusRow:
        takes = [Take(sequence, view) for sequence in sequences]
        mapped = settings(self.root / "cameras")
        cameras = _names(self.root / "cameras", ".json")
        filmed = [take for take in takes if take in self.films]
        ready = [take for take in filmed if take.sequence in there["2D"] and take.sequence not in self.ignored]
        found = _Read()
        for take in ready:
            self._count(take, found)
        return StatusRow(
            split=split,
            view=view,
            sequences=len(sequences),
            ignored=sum(sequence in self.ignored for sequence in sequences),
            films=len(filmed),
            kinds={
                **{kind: len(names.intersection(sequences)) for kind, names in there.items()},
                "camera": sum(mapped.get(sequence) in cameras for sequence in sequences),
            },
            ready=len(ready),
            frames=found.frames,
            unequal=found.unequal,
            unreadable=found.unreadable,
            missing=self._missing(takes),
            without=found.empty / found.frames if self.read and found.frames else None,
        )

    def _missing(self, takes: Sequence[Take]) -> tuple[str, ...]:
        """Return the films that are not there, but for those that a run would leave out."""
        lacking = [take for take in takes if take not in self.films and take.sequence not in self.ignored]
        return tuple(take.film for take in lacking if (take.sequence, take.view) not in UNFIT)

    def _count(self, take: Take, found: _Read) -> None:
        """Add the annotations of one view; unread, their number follows from the size of their file."""
        import numpy as np

        path = self.root / "keypoints2d" / f"{take.sequence}.pkl"
        if not self.read:
            if not path.is_file():
                found.unreadable[take.film] = f"Expected '{path}' to be keypoints2d of AIST++, but it is no file."
            found.frames += max(0, stamp(path)[0] - _AROUND) // _A_FRAME
            return
        try:
            known = aist_keypoints2d.load(path, VIEWS.index(take.view))
            film = _film(Clip(take.film, self.films[take]), known.slots)
        except PosecfgError as error:
            found.unreadable[take.film] = str(error)
            return
        frames = len(known.slots) - film.shown.beyond
        found.frames += frames
        found.empty += int(np.isnan(known.points[:, :frames, :, 0]).all(axis=(0, 2)).sum())
        if told := _unequal(film, known.slots):
            found.unequal[take.film] = told


@dataclass(frozen=True)
class _Film:
    """What the packets of a film tell: which annotations it shows, for how many 1/60 s, and whether it is cut off."""

    shown: Shown
    length: int
    cut: bool


def _film(clip: Clip, slots: I64) -> _Film:
    """Return what a film shows of the annotated moments; it is read to its end, and nothing is decoded."""
    import numpy as np

    with closing(open_reel(clip, threads=1)) as reel:
        times = np.asarray(reel.times(Span()), np.float64)
        found, last = shown(times, reel.info.fps, RATE, slots), ends(times, reel.info.fps, RATE)
        return _Film(found, int(last[-1]) if len(last) else 0, reel.ends_early())


def _unequal(film: _Film, slots: I64) -> str:
    """Say in how far the length of a film differs from that of its annotations; nothing where it does not."""
    length = int(slots[-1]) + 1 if len(slots) else 0
    if film.length == length and not film.cut:
        return ""
    told = f"{count(film.length, 'frame')} of 1/{RATE} s, annotations for {length:,}"
    lost = film.shown.beyond
    rows = f", {count(lost, 'annotation')} without a frame" if lost else ""
    return f"{'truncated: ' if film.cut else ''}{told}{rows}"


@dataclass
class _Read:
    """What was found in the files of a split and view."""

    frames: int = 0
    empty: int = 0
    unequal: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)


def _names(folder: Path, suffix: str = ".pkl") -> frozenset[str]:
    """Return the names of the files of a folder that end with ``suffix``, without it."""
    return frozenset(path.stem for path in folder.glob(f"*{suffix}"))
