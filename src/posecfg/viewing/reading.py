"""Read a file of poses or numbers, whatever its kind, as something that can be looked at."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from posecfg import budgets, loading, skeletons
from posecfg.errors import ConfigError, PosecfgError
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Meaning
from posecfg.video.suffixes import FILMS
from posecfg.viewing import aist, table
from posecfg.viewing.beside import about
from posecfg.viewing.subject import Columns, Moving, Numbers, Subject, counted, drawable, people_of, person

if TYPE_CHECKING:
    from posecfg.arrays import F64

KINDS = (".npy", ".npz", ".json", ".csv", ".pkl")
_USUAL = ("coco17", "blazepose33", "wholebody133", "wholebody85", "bodyhands59", "body25", "upperbody11")
_PARTS = ("x", "y", "z", "score")
# Numbers of an array that says nothing of itself, above which they cannot be metres, nor shares of a picture.
_NO_METRES, _NO_SHARE = 30.0, 2.0
# Files of a folder that are named.
_NAMED = 5
# Bytes of a number, and of a keypoint, while it is drawn.
_WIDE, _POINT = 16, 64
# Columns of a table; more than can be told apart.
_COLUMNS = 10_000


def read(
    path: Path, views: tuple[str, ...] | None, kind: str, array: str | None, skeleton: str | None, fps: float | None
) -> Subject:
    """Read ``path``; for the other arguments see the verb ``view``."""
    found = _read(path, views, kind, array, skeleton, fps)
    if not len(found.times):
        raise ConfigError(f"Expected rows to look at, but '{path}' has none.")
    if not np.isfinite(found.times).all():
        raise ConfigError(f"Expected '{path}' to tell when its rows are, but some of their times are no numbers.")
    return found


def _read(
    path: Path, views: tuple[str, ...] | None, kind: str, array: str | None, skeleton: str | None, fps: float | None
) -> Subject:
    check(path)
    suffix = path.suffix.lower()
    own = None if skeleton is None else skeletons.load(skeleton)
    if suffix == ".pkl":
        return aist.subject(path, views, kind)
    if views is not None:
        raise ConfigError(f"Expected view= with keypoints2d of AIST++, but '{path}' has no views.")
    try:
        if suffix in (".json", ".csv"):
            return _written(path) if suffix == ".json" else table.read(path)
        if suffix == ".npz":
            return _zipped(path, array, own, fps)
        budgets.check_npy(path)
        held = np.load(path, mmap_mode="r", allow_pickle=False)
        budgets.check(path, held.size * _WIDE)
        return _array(path.stem, held, about(path), own, fps)
    except PosecfgError:
        raise
    except loading.DAMAGE as error:
        raise ConfigError(f"Expected '{path}' to be a {suffix} that can be read, but {error}.") from error


def check(path: Path) -> None:
    """Raise ``ConfigError`` if ``path`` is no file of a kind that can be read."""
    if path.is_dir():
        names = sorted(one.name for one in path.iterdir() if one.suffix.lower() in KINDS and one.is_file())
        if not names:
            raise ConfigError(
                f"Expected a file to look at, but '{path}' is a folder, in which no file ends in {', '.join(KINDS)}."
            )
        others = f", or one of {', '.join(names[1:_NAMED])}" if len(names) > 1 else ""
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        raise ConfigError(
            f"Expected a file to look at, but '{path}' is a folder: type view {shlex.quote(str(path / names[0]))}"
            f"{others}{more}."
        )
    if not path.is_file():
        raise ConfigError(f"Expected a file to look at, but there is no '{path}': type view FILE.")
    if path.suffix.lower() not in KINDS:
        raise ConfigError(f"Expected a file that ends in {', '.join(KINDS)}, but got '{path}'{_film(path)}.")


def _film(path: Path) -> str:
    """Return how the poses of a film come to be seen; "" for what is no film."""
    if path.suffix[1:].lower() not in FILMS:
        return ""
    return f": for pictures of a film, type posecfg {shlex.quote(str(path))} 'writer=[npy,preview]'"


def _zipped(path: Path, array: str | None, own: Skeleton | None, fps: float | None) -> Subject:
    if loading.read_header(path) is not None:
        return _native(path)
    with budgets.npz(path) as archive:
        names = sorted(archive.files)
        if array is None and len(names) > 1:
            raise ConfigError(f"'{path}' holds {', '.join(names)}: type array= with the one to look at.")
        chosen = array or (names[0] if names else "")
        if chosen not in names:
            raise ConfigError(f"Expected array= to be one of {', '.join(names)}, but got '{chosen}'.")
        data = archive[chosen]
        budgets.check(path, data.size * _WIDE)
        return _array(f"{path.stem}: {chosen}", data, {}, own, fps)


def _native(path: Path) -> Moving:
    found = loading.load(path)
    one = found if not isinstance(found, dict) else next(iter(found.values()))
    clock, tracks = one.clock, one.tracks
    here = sum(int(track.valid.sum()) for track in tracks)
    facts = (
        f"{one.skeleton.name}: {len(one.skeleton)} keypoints",
        f"{len(clock):,} rows at {clock.fps:.4g}/s",
        people_of(len(tracks)),
        f"{1 - here / max(len(clock) * len(tracks), 1):.1%} of poses missing",
    )
    names = tuple(f"person {track.id}" for track in tracks)
    return Moving(path.stem, facts, tracks, names, clock.times - clock.times[:1].sum(), True, clock.size)


def _written(path: Path) -> Moving:
    """Read what ``writer=json`` wrote."""
    budgets.check(path, path.stat().st_size * budgets.TEXT)
    whole = json.loads(path.read_bytes())
    if not isinstance(whole, dict) or not {"meta", "keypoint_format", "frames"} <= whole.keys():
        lacks = "it lacks meta, keypoint_format or frames"
        raise ConfigError(f"Expected '{path}' to be what writer=json writes, but {lacks}.")
    names, frames, meta = whole["keypoint_format"], whole["frames"], whole["meta"]
    ids = sorted({one["id"] for frame in frames for one in frame.get("people", [])})
    budgets.check(path, max(len(ids), 1) * len(frames) * max(len(names), 1) * _POINT)
    skeleton = skeletons.named(tuple(names), "its own")
    found = np.full((max(len(ids), 1), len(frames), len(names), 3), np.nan)
    place = {number: row for row, number in enumerate(ids)}
    for row, frame in enumerate(frames):
        for pose in frame.get("people", []) if ids else [frame]:
            for k, point in enumerate(pose["keypoints"]):
                xyc = (point[part] for part in ("x", "y", "score"))
                found[place.get(pose.get("id"), 0), row, k] = [np.nan if one is None else one for one in xyc]
    people = [
        person(number, skeleton, one[..., :2], one[..., 2]) for number, one in zip(ids or [0], found, strict=True)
    ]
    times = np.array([frame["timestamp_ms"] for frame in frames], np.float64) / 1000
    facts = (f"{skeleton.name}: {len(names)} keypoints", f"{len(frames):,} frames", people_of(len(people)))
    size = int(meta["width"]), int(meta["height"])
    return Moving(path.stem, facts, tuple(people), tuple(f"person {one.id}" for one in people), times, True, size)


def _array(title: str, data: Any, said: Mapping[str, Any], own: Skeleton | None, fps: float | None) -> Subject:
    """Tell what an array holds: by its record, else by its shape."""
    if data.dtype.kind not in "fiub":
        raise ConfigError(f"Expected an array of numbers, but '{title}' holds {data.dtype}.")
    values = drawable(np.array(data, np.float64))
    shape = " x ".join(f"{length:,}" for length in values.shape) or "one number"
    missing = float(np.isnan(values).mean()) if values.size else 0.0
    facts = (f"{shape} {data.dtype}", f"{missing:.1%} missing")
    names = tuple(said.get("keypoints", ()))
    channels = tuple(said.get("channels", ()))
    people = values[None] if values.ndim == 3 else values
    if values.ndim in (3, 4) and people.size and people.shape[-1] in (2, 3, 4):
        skeleton = own or (skeletons.named(names, "its own") if names else _usual(people.shape[2]))
        if skeleton is not None and len(skeleton) == people.shape[2]:
            return _people(title, facts, people, skeleton, channels, str(said.get("space", "")), fps)
        if own is not None:
            raise ConfigError(f"Expected the {len(own)} keypoints of {own.name}, but '{title}' has {people.shape[2]}.")
    if not values.ndim or not values.size:
        raise ConfigError(f"Expected an array with rows of numbers, but '{title}' is {shape}.")
    if values.size > _COLUMNS * len(values):
        raise ConfigError(
            f"Expected at most {_COLUMNS:,} columns of numbers to look at, but '{title}' is {shape}: save some of them."
        )
    table = values.reshape(len(values), -1)
    columns = Columns("values", table, tuple(str(number) for number in range(table.shape[1])))
    return Numbers(title, facts, (columns,), *counted(len(table), fps))


def _people(
    title: str,
    facts: tuple[str, ...],
    people: F64,
    skeleton: Skeleton,
    channels: tuple[str, ...],
    space: str,
    fps: float | None,
) -> Moving:
    channels = channels if len(channels) == people.shape[-1] else _guessed(people)
    part = {name: people[..., place] for place, name in enumerate(channels)}
    scores = next((part[name] for name in ("score", "visibility") if name in part), None)
    solid = "z" in part and (space.startswith("metres") or (not space and not _exceeds(people[..., :3], _NO_METRES)))
    plane = np.stack([part["x"], part["y"]], axis=-1)
    tracks = []
    for number in range(len(people)):
        xyz = np.stack([part[name][number] for name in "xyz"], axis=-1) if solid else None
        score = None if scores is None else scores[number]
        meaning = Meaning(score="", xyz=(space or "metres, y down") if solid else None)
        tracks.append(person(number, skeleton, None if solid else plane[number], score, xyz, meaning))
    what = f"{skeleton.name}: {len(skeleton)} keypoints, {' '.join(channels)}"
    names = tuple(f"person {number}" for number in range(len(people)))
    return Moving(title, (what, *facts), tuple(tracks), names, *counted(people.shape[1], fps))


def _guessed(people: F64) -> tuple[str, ...]:
    """Name the channels of an array: a third one is a score where the first two are pixels and it is a share."""
    number = people.shape[-1]
    if number == 3:
        is_score = _exceeds(people[..., :2], _NO_SHARE) and not _exceeds(people[..., 2], 1.0)
        return ("x", "y", "score") if is_score else ("x", "y", "z")
    return _PARTS[:number]


def _exceeds(values: F64, limit: float) -> bool:
    known = np.abs(values[np.isfinite(values)])
    return bool(len(known) and np.quantile(known, 0.99) > limit)


def _usual(points: int) -> Skeleton | None:
    return next((one for one in map(skeletons.load, _USUAL) if len(one) == points), None)
