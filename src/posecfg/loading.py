"""Read native files back, exactly as they were written."""

from __future__ import annotations

import json
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg import budgets
from posecfg.errors import PosecfgError
from posecfg.layout import HOME
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Clip, Clock, Detections, Extraction, Meaning, PoseTrack
from posecfg.writers.npz_members import DETECTIONS, HEADER, OPTIONAL, READABLE, SEEN, SOURCE, TRACK

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TRACKS = (*TRACK, *OPTIONAL)
_WHOLE = ("indices", "rows", "offsets", "tracks")
_PEOPLE = (*_TRACKS, *(SOURCE + name for name in _TRACKS), *(DETECTIONS + name for name in (*SEEN, *OPTIONAL)))
_ARRAYS = frozenset(("indices", "times", "moments", *_PEOPLE))
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    # Unknown kinds of zip, passwords, and JSON that is nested too deeply.
    RuntimeError,
)


def load(path: str | Path) -> Extraction | dict[str, Extraction]:
    """Read a native ``.npz`` as an ``Extraction``, or a folder as a dictionary of clip id to ``Extraction``.

    Arrays are exactly those that were written; ``frames`` and ``timings`` are not stored. In a folder every native npz
    at any depth is read; npz files of other programs are ignored. A file whose arrays take more than 2 GiB is refused,
    unless ``POSECFG_LOADED_GIB`` in the environment allows more.
    """
    path = Path(path)
    if path.is_dir():
        return _load_folder(path)
    if not path.exists():
        raise PosecfgError(f"Expected a native npz or a folder of them, but there is no '{path}'.")
    if path.suffix == ".npy":
        raise PosecfgError(f"'{path}' is a plain array: read it with numpy.load, or write native files: writer=npz")
    header = read_header(path)
    if header is None:
        raise PosecfgError(f"'{path}' was not written by posecfg's writer=npz, so it cannot be loaded.")
    return _read(path, header)


def _load_folder(folder: Path) -> dict[str, Extraction]:
    found: dict[str, Extraction] = {}
    for path, header in native_files(folder):
        extraction = _read(path, header)
        if extraction.clip.id in found:
            raise PosecfgError(f"'{folder}' holds clip '{extraction.clip.id}' twice: load its subfolders one by one.")
        found[extraction.clip.id] = extraction
    if not found:
        raise PosecfgError(f"'{folder}' holds no native npz: add the writer to the run: 'writer=[npy,npz]'")
    return found


def native_files(folder: Path, damaged_too: bool = True) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield every native npz below ``folder`` with its header, sorted by path; a damaged one raises, or is left out."""
    for path in sorted(folder.rglob("*.npz")):
        if HOME in path.relative_to(folder).parts:
            continue
        try:
            header = read_header(path)
        except PosecfgError:
            if damaged_too:
                raise
            continue
        if header is not None:
            yield path, header


def first_header(folder: Path) -> dict[str, Any] | None:
    """Return the header of the first native npz found below ``folder``, or None if there is none."""
    for path in folder.rglob("*.npz"):
        header = None if HOME in path.relative_to(folder).parts else read_header(path)
        if header is not None:
            return header
    return None


def read_header(path: Path) -> dict[str, Any] | None:
    """Return the header of a native npz without reading its arrays, or None if another program wrote the file."""
    try:
        with budgets.archive(path) as archive:
            if HEADER not in archive.namelist():
                return None
            header = json.loads(budgets.member(archive, HEADER))
    except DAMAGE as error:
        raise damaged(path, error) from error
    schema = header.get("schema") if isinstance(header, dict) else None
    if schema not in READABLE:
        raise PosecfgError(
            f"'{path}' has schema {schema}, but this posecfg reads schema {READABLE[-1]} and earlier ones: "
            "pip install -U posecfg"
        )
    return dict(header)


def is_of(extraction: Extraction, clip: Clip) -> bool:
    """Tell whether ``extraction`` was made from ``clip``: by the input's content if recorded, else by the clip's id."""
    from posecfg.store.fingerprint import is_content

    made_from = extraction.about.get("input")
    return extraction.clip.id == clip.id if made_from is None else is_content(clip, made_from)


def skeleton_in(header: Mapping[str, Any]) -> Skeleton:
    """Return the skeleton that a header, or a part of one, describes."""
    stored = header["skeleton"]
    if not all(isinstance(name, str) and name.isprintable() for name in (stored["name"], *stored["keypoints"])):
        raise ValueError("names of its skeleton are no printable texts")
    return Skeleton(
        name=stored["name"],
        keypoints=tuple(stored["keypoints"]),
        bones=tuple((a, b) for a, b in stored["bones"]),
        derived={name: tuple(parents) for name, parents in stored["derived"].items()},
        # Only skeletons of the user's own have them.
        pairs=None if stored.get("pairs") is None else tuple((a, b) for a, b in stored["pairs"]),
        sigmas={str(name): float(sigma) for name, sigma in stored.get("sigmas", {}).items()},
    )


def damaged(path: Path, error: Exception) -> PosecfgError:
    """Return the error for a file that cannot be read."""
    return PosecfgError(f"'{path}' is damaged or not an npz ({error}): make it again with redo=CLIP")


def _read(path: Path, header: Mapping[str, Any]) -> Extraction:
    try:
        with budgets.npz(path) as archive:
            arrays = {name: _fit(name, archive[name]) for name in archive.files if name in _ARRAYS}
        skeleton = skeleton_in(header)
        clip = dict(header["clip"])
        clock = dict(header["clock"])
        clock["size"] = tuple(clock["size"])
        if not 0 < float(clock["fps"]) < math.inf:
            raise ValueError(f"its film has {clock['fps']} frames a second")
        clock.setdefault("inside", clock["decoded"])
        wide, high = header.get("pixel_aspect", (1, 1))
        clock["pixel_aspect"] = (wide, high)
        return Extraction(
            clip=Clip(path=Path(clip["source"]), **clip),
            clock=Clock(arrays["indices"], arrays["times"], moments=arrays.get("moments"), **clock),
            skeleton=skeleton,
            meaning=Meaning(**header["meaning"]),
            tracks=_tracks(header, skeleton, arrays),
            notes=header["notes"],
            about=header["about"],
            several=header.get("several", len(header["tracks"]) > 1),
            detections=_everybody(header, arrays),
        )
    except DAMAGE as error:
        raise damaged(path, error) from error


def _fit(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """Return an array of the kind of numbers that its name stands for; others are damage, and no coordinates."""
    plain = name.removeprefix(SOURCE).removeprefix(DETECTIONS)
    wanted = "b" if plain in ("valid", "made") else "i" if plain in _WHOLE else "f"
    if array.dtype.kind != wanted:
        raise ValueError(f"{name} is of the type {array.dtype}")
    if name in ("times", "moments") and not bool((abs(array) < math.inf).all()):
        raise ValueError("a time is no number")
    return array


def _tracks(header: Mapping[str, Any], skeleton: Skeleton, arrays: Mapping[str, NDArray[Any]]) -> tuple[PoseTrack, ...]:
    known, lifted = header["tracks"], header.get("source")
    sources: list[PoseTrack | None] = [None] * len(known)
    if lifted is not None:
        below = skeleton_in(lifted)
        named = zip(known, lifted["tracks"], strict=True)
        sources = [_track(row, {**of, **one}, below, arrays, SOURCE) for row, (of, one) in enumerate(named)]
    return tuple(
        replace(_track(row, one, skeleton, arrays), source=source)
        for row, (one, source) in enumerate(zip(known, sources, strict=True))
    )


def _track(
    row: int, known: Mapping[str, Any], skeleton: Skeleton, arrays: Mapping[str, NDArray[Any]], prefix: str = ""
) -> PoseTrack:
    values: dict[str, Any] = {name: arrays[prefix + name][row] for name in (*TRACK, *_extra(known))}
    meaning = Meaning(**known["meaning"])
    if type(known["id"]) is not int or not all(
        text is None or isinstance(text, str) for text in vars(meaning).values()
    ):
        raise ValueError("a track has no number, or units that are no texts")
    # Files of schema 1 do not say whether it is alone.
    kind = {"alone": known.get("alone", True), "breaks": tuple(known.get("breaks", ()))}
    return PoseTrack(id=known["id"], skeleton=skeleton, meaning=meaning, **kind, **values)


def _everybody(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Detections | None:
    known = header.get("detections")
    if known is None:
        return None
    values: dict[str, Any] = {name: arrays[DETECTIONS + name] for name in (*SEEN, *_extra(known))}
    return Detections(skeleton=skeleton_in(known), meaning=Meaning(**known["meaning"]), **values)


def _extra(known: Mapping[str, Any]) -> list[str]:
    """Return which arrays there are beside pixels."""
    if not set(known["has"]) <= set(OPTIONAL):
        raise ValueError(f"unknown arrays {known['has']}")
    return list(known["has"])
