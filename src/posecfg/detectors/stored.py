"""Replay the people of an earlier run, so that another policy, lifter or writer can be run without a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg.errors import ClipError, ConfigError, PosecfgError
from posecfg.facts import Facts
from posecfg.loading import first_header, is_of, load, native_files, read_header, skeleton_in
from posecfg.pixels import Frames
from posecfg.types import Boxes, Clip, Extraction, Poses

if TYPE_CHECKING:
    from posecfg.arrays import F32


class Stored:
    """Yield the people that a native npz holds for each frame; pixels are not used.

    ``path`` is one npz, or a folder in which the clip's own file is found by its id. Rows that a refine step made are
    not replayed. A frame that the file does not cover is an error, since it is not a frame without people.
    """

    def __init__(self, path: str, device: str = "auto") -> None:
        self._path = Path(path)
        if not self._path.exists():
            raise ConfigError(
                f"Expected detector.path to be a native npz or a folder of them, but there is no '{path}'."
            )
        self.device = "cpu"
        self.weights: Mapping[str, str] = {}
        self.notes: Mapping[str, Any] = {}
        self.batch = 16

    @staticmethod
    def facts(path: str, **others: Any) -> Facts:
        """Return the facts known before the component is built: the skeleton is that of any native file."""
        where = Path(path)
        reads = partial(_file, where)
        return Facts(skeleton=_skeleton(where), devices=("cpu",), reads=reads, operational=("device",))

    @cached_property
    def _by_id(self) -> dict[str, Path]:
        return {str(header["clip"]["id"]): path for path, header in native_files(self._path)}

    def __call__(self, batches: Iterable[Frames], clip: Clip) -> Iterator[Poses]:
        """Yield the stored people of each frame."""
        stored, path = self._open(clip)
        _check(stored, path, clip)
        rows = {int(index): row for row, index in reversed(list(enumerate(stored.clock.indices)))}
        for batch in batches:
            if batch.size != stored.clock.size and not clip.independent:
                raise ClipError(
                    f"'{path}' was made from frames of {_spell(stored.clock.size)}, but those of '{clip.id}' are "
                    f"{_spell(batch.size)}: make it again with redo=true in the run that wrote it."
                )
            for index in batch.indices:
                if int(index) not in rows:
                    raise ClipError(
                        f"'{path}' does not cover frame {index} of '{clip.id}': use the sampler and segment it was "
                        "made with, or detect again."
                    )
                yield _people(stored, rows[int(index)])

    def _open(self, clip: Clip) -> tuple[Extraction, Path]:
        path = self._path
        try:
            if path.is_dir():
                direct = path / f"{clip.id}.npz"
                found = direct if direct.is_file() else self._by_id.get(clip.id)
                if found is None:
                    raise ClipError(f"'{path}' holds no native npz of clip '{clip.id}': run it with writer=npz first.")
                path = found
            stored = load(path)
        except PosecfgError as error:
            raise ClipError(str(error)) from error
        if not isinstance(stored, Extraction):
            raise ClipError(f"Expected a native npz, but '{path}' is a folder.")
        return stored, path


def _file(where: Path, clip_id: str) -> Path:
    """Return the path of the file that a clip's poses are read from."""
    return where / f"{clip_id}.npz" if where.is_dir() else where


def _spell(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _skeleton(where: Path) -> str | None:
    try:
        header = first_header(where) if where.is_dir() else read_header(where)
        return None if header is None else skeleton_in(header).name
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
