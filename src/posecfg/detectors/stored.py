"""Replay the people of an earlier run, so that another policy, lifter or writer can be run without a model."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from posecfg.errors import ClipError, ConfigError, PosecfgError
from posecfg.facts import Facts
from posecfg.loading import first_header, is_of, load, native_files, read_header, skeleton_in
from posecfg.pixels import Frames
from posecfg.types import Boxes, Clip, Clock, Extraction, Meaning, Poses

if TYPE_CHECKING:
    from posecfg.arrays import F32

PEOPLE = ("kept", "lifted", "seen")


class Stored:
    """Yield the people that a native npz holds for each row; pixels are not used.

    ``path`` is one npz, or a folder in which the clip's own file is found by its id. ``people`` are those that were
    ``kept``, as the detector saw them (where a lifter made them, those that it lifted); the same as they were
    ``lifted``; or all whom the detector has ``seen``. Rows that a refine step made are left out. A frame that the file
    does not cover is an error, since it is not a frame without people.
    """

    def __init__(self, path: str, people: Literal["kept", "lifted", "seen"] = "kept", device: str = "auto") -> None:
        self._which = people
        self._path = Path(path)
        self._files = _Files(self._path)
        if not self._path.exists():
            raise ConfigError(
                f"Expected detector.path to be a native npz or a folder of them, but there is no '{path}'."
            )
        self.device = "cpu"
        self.weights: Mapping[str, str] = {}
        self.notes: Mapping[str, Any] = {}
        self.batch = 16

    @staticmethod
    def facts(path: str, people: str, **others: Any) -> Facts:
        """Return the facts known before the component is built: the skeleton is that of any native file."""
        if people not in PEOPLE:
            raise ConfigError(f"Expected people to be {', '.join(PEOPLE[:-1])} or {PEOPLE[-1]}, but got {people!r}.")
        where = Path(path)
        reads = _Files(where)
        skeleton = _skeleton(where, people)
        return Facts(skeleton=skeleton, devices=("cpu",), reads=reads, by_row=True, operational=("device",))

    def __call__(self, batches: Iterable[Frames], clip: Clip) -> Iterator[Poses]:
        """Yield the stored people of each row: of a frame that fills several, those of its moment, or else in turn."""
        stored, path = self._open(clip)
        _check(stored, path, clip)
        rows = _rows(stored.clock)
        for batch in batches:
            if batch.size != stored.clock.size and not clip.independent:
                raise ClipError(
                    f"'{path}' was made from frames of {_spell(stored.clock.size)}, but those of '{clip.id}' are "
                    f"{_spell(batch.size)}: make it again with redo=true in the run that wrote it."
                )
            for index, turn, moment in _asked(batch):
                if index not in rows:
                    raise ClipError(
                        f"'{path}' does not cover frame {index} of '{clip.id}': use the sampler and segment it was "
                        "made with, or detect again."
                    )
                row = rows[index].get(moment, list(rows[index].values())[min(turn, len(rows[index]) - 1)])
                yield _people(stored, row) if stored.detections is None else stored.detections.of_row(row)

    def _open(self, clip: Clip) -> tuple[Extraction, Path]:
        try:
            path = self._files(clip.id)
            if self._path.is_dir() and not path.is_file():
                where = self._path
                raise ClipError(f"'{where}' holds no native npz of clip '{clip.id}': run it with writer=npz first.")
            stored = load(path)
        except PosecfgError as error:
            raise ClipError(str(error)) from error
        if not isinstance(stored, Extraction):
            raise ClipError(f"Expected a native npz, but '{path}' is a folder.")
        if self._which == "lifted" and any(track.source is None for track in stored.tracks):
            raise ClipError(f"'{path}' holds no people whom a lifter made: type detector.people=kept.")
        if self._which == "seen" and stored.detections is None:
            raise ClipError(
                f"'{path}' holds no people beside those that were kept: make it again with redo=true and "
                "writer.npz.detections=true in the run that wrote it, or type detector.people=kept."
            )
        if self._which == "seen":
            return stored, path
        if self._which == "kept":
            return replace(_unlifted(stored), detections=None), path
        if not stored.tracks and (header := _lifted(self._path)):
            stored = replace(stored, skeleton=skeleton_in(header), meaning=Meaning(**header["meaning"]))
        return replace(stored, detections=None), path


class _Files:
    """The files below a folder, or the one file, by the ids of clips: of its name, or else one that says its id."""

    def __init__(self, where: Path) -> None:
        self._where = where

    def __call__(self, clip_id: str) -> Path:
        """Return the path of the file that a clip's poses are read from, which may not be there."""
        if not self._where.is_dir():
            return self._where
        direct = self._where / f"{clip_id}.npz"
        if os.path.lexists(direct):
            return direct
        found = self._by_id.get(clip_id, [direct])
        if len(found) > 1:
            raise ConfigError(
                f"detector.path: '{self._where}' holds poses of '{clip_id}' twice ('{found[0]}' and '{found[1]}'): "
                "name the folder of one of them."
            )
        return found[0]

    @cached_property
    def _by_id(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for path, header in native_files(self._where, damaged_too=False):
            with suppress(KeyError, TypeError):
                found.setdefault(str(header["clip"]["id"]), []).append(path)
        return found


def _rows(clock: Clock) -> dict[int, dict[float | None, int]]:
    """Return the rows of each frame by the moments that they stand for; without moments, by negative numbers."""
    moments = None if clock.moments is None else clock.moments.tolist()
    found: dict[int, dict[float | None, int]] = {}
    for row, index in enumerate(clock.indices.tolist()):
        own = found.setdefault(index, {})
        own.setdefault(-1 - len(own) if moments is None else moments[row], row)
    return found


def _asked(frames: Frames) -> Iterator[tuple[int, int, float | None]]:
    """Yield for each row its frame, its turn among that frame's rows, and the moment that it stands for."""
    moments = None if frames.moments is None else iter(frames.moments.tolist())
    for index, rows in zip(frames.indices.tolist(), frames.fills.tolist(), strict=True):
        for turn in range(rows):
            yield index, turn, None if moments is None else next(moments)


def _spell(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _unlifted(stored: Extraction) -> Extraction:
    """Return the people as the detector saw them, where a lifter made others of them."""
    sources = tuple(track.source for track in stored.tracks if track.source is not None)
    if not sources:
        return stored
    return replace(stored, tracks=sources, skeleton=sources[0].skeleton, meaning=sources[0].meaning)


def _lifted(where: Path) -> dict[str, Any] | None:
    """Return the first header that tells of people whom a lifter made: a film without people tells of none."""
    if not where.is_dir():
        return read_header(where)
    return next((header for _, header in native_files(where, damaged_too=False) if header.get("source")), None)


def _skeleton(where: Path, people: str) -> str | None:
    """Return the name of the skeleton of ``people`` as the first header tells it, None where it does not."""
    try:
        header = _lifted(where) if people == "lifted" else None
        if header is None:
            header = first_header(where) if where.is_dir() else read_header(where)
        if header is None:
            return None
        described = header.get("detections") if people == "seen" else header
        if people == "kept":
            described = header.get("source") or header
        return None if described is None else skeleton_in(described).name
    except (PosecfgError, KeyError, TypeError, ValueError):
        return None


def _check(stored: Extraction, path: Path, clip: Clip) -> None:
    """Raise ``ClipError`` if the file was made from another film."""
    if not is_of(stored, clip):
        whose = f"'{clip.id}'" if stored.clip.id != clip.id else f"this one, '{clip.path}'"
        raise ClipError(f"'{path}' holds the people of another film ('{stored.clip.id}'), not those of {whose}.")


def _people(stored: Extraction, row: int) -> Poses:
    import numpy as np

    tracks = [track for track in stored.tracks if track.valid[row]]
    points = len(stored.skeleton)

    def gather(name: str, *shape: int) -> F32:
        values = [getattr(track, name)[row] for track in tracks]
        return np.array(values, np.float32).reshape(len(tracks), *shape)

    has = {name: all(getattr(t, name) is not None for t in stored.tracks) for name in ("xyz", "depth")}
    return Poses(
        skeleton=stored.skeleton,
        meaning=stored.meaning,
        xy=gather("xy", points, 2),
        scores=gather("scores", points),
        boxes=Boxes(xyxy=gather("boxes", 4), scores=gather("box_scores")),
        xyz=gather("xyz", points, 3) if has["xyz"] and stored.tracks else None,
        depth=gather("depth", points) if has["depth"] and stored.tracks else None,
    )
