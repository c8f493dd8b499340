"""Boxes that are remembered apart from poses, so that several pose heads look for people once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from posecfg.protocols import Detector, Reusing
from posecfg.types import Boxes

if TYPE_CHECKING:
    from posecfg.store.memory import Entry, Memory

KIND = "boxes"
_DTYPES = {"offsets": "<i8", "xyxy": "<f4", "scores": "<f4"}


class BoxesMemo:
    """The boxes of the first pictures that a box detector looked at: all whose score is above ``floor``."""

    def __init__(self, memory: Memory, key: str, floor: float, reads: bool) -> None:
        self._memory, self._key, self._floor = memory, key, floor
        entry = memory.read(key, KIND) if reads else None
        self._known, self._is_whole = ([], False) if entry is None else _known(entry, floor)
        self._found: list[Boxes] | None = None

    @property
    def helps(self) -> bool:
        """Whether boxes are known."""
        return bool(self._known)

    def given_to(self, detector: Detector, done: int) -> Detector:
        """Return a detector that takes the boxes that are known, from frame ``done`` on, and tells of all others."""
        if done > len(self._known):
            return detector
        self._found = self._known[:done]
        return cast(Reusing, detector).reusing(self._known[done:], self._found.append)

    def keep(self, is_whole: bool, names: Mapping[str, str]) -> None:
        """Keep what was found, if that is more than was known; ``is_whole`` says that there are no more frames."""
        found = self._found or []
        if len(found) > len(self._known) or (is_whole and found and not self._is_whole):
            header = {**names, "floor": self._floor, "whole": is_whole, "frames": len(found)}
            header["people"] = sum(map(len, found))
            self._memory.write(self._key, KIND, header, _arrays(found))


def _known(entry: Entry, floor: float) -> tuple[list[Boxes], bool]:
    """Return the boxes above ``floor`` by frame and whether these are all frames; none where some of them are lost."""
    try:
        if entry.header["floor"] > floor:
            return [], False
        offsets, xyxy, scores = (entry.arrays[name] for name in _DTYPES)
        if any(entry.arrays[name].dtype.str != dtype for name, dtype in _DTYPES.items()):
            return [], False
        frames = zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
        found = [_above(Boxes(xyxy[begin:end], scores[begin:end]), floor) for begin, end in frames]
        return (found, bool(entry.header["whole"])) if sum(map(len, found)) <= len(scores) else ([], False)
    except (KeyError, TypeError, ValueError, AttributeError):
        return [], False


def _above(boxes: Boxes, floor: float) -> Boxes:
    kept = boxes.scores > floor
    return boxes if kept.all() else Boxes(boxes.xyxy[kept], boxes.scores[kept])


def _arrays(found: Sequence[Boxes]) -> dict[str, Any]:
    import numpy as np

    return {
        "offsets": np.cumsum([0, *map(len, found)], dtype=np.int64),
        "xyxy": np.concatenate([one.xyxy for one in found]).astype(np.float32),
        "scores": np.concatenate([one.scores for one in found]).astype(np.float32),
    }
