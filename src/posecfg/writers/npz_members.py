"""The members of a native npz: one header of JSON values, and the arrays by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Detections, Extraction, PoseTrack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    # Name, dtype, shape, and parts along the first axis.
    Member = tuple[str, str, tuple[int, ...], Iterable[NDArray[Any]]]

SCHEMA = 2
READABLE = (1, 2)
HEADER = "header.json"
OPTIONAL = ("xyz", "depth")
TRACK = ("xy", "scores", "boxes", "box_scores", "valid", "made")
SEEN = ("rows", "offsets", "tracks", "boxes", "box_scores", "xy", "scores")
SOURCE, DETECTIONS = "source_", "detections_"
_APART = ("indices", "times", "moments", "pixel_aspect")


def header(extraction: Extraction) -> dict[str, Any]:
    """Return all data that are not arrays, as JSON values; without timings and paths of this machine."""
    clip, clock, sources, seen = extraction.clip, extraction.clock, sources_of(extraction), extraction.detections
    named = ("id", "source", "start", "end", "group", "view", "camera", "independent", "counted", "meta")
    numbers = {name: value for name, value in vars(clock).items() if name not in _APART}
    return {
        "schema": SCHEMA,
        "clip": {name: getattr(clip, name) for name in named},
        "clock": numbers,
        # Left out where pixels are square, as in all files of earlier versions.
        **({} if clock.pixel_aspect == (1, 1) else {"pixel_aspect": clock.pixel_aspect}),
        "several": extraction.several,
        "skeleton": _skeleton(extraction.skeleton),
        "meaning": asdict(extraction.meaning),
        "tracks": [
            {"id": track.id, "alone": track.alone, **_kind(track), **_breaks(track)} for track in extraction.tracks
        ],
        "source": _sources(sources) if sources else None,
        "detections": {"skeleton": _skeleton(seen.skeleton), **_kind(seen)} if seen is not None else None,
        "notes": extraction.notes,
        "about": extraction.about,
    }


def sources_of(extraction: Extraction) -> list[PoseTrack]:
    """Return the tracks that those of ``extraction`` were lifted from: of all, of one skeleton, or none."""
    found = [track.source for track in extraction.tracks if track.source is not None]
    if found and (len(found) < len(extraction.tracks) or any(one.skeleton != found[0].skeleton for one in found)):
        raise ValueError("Expected all tracks of a clip, or none, to be lifted from tracks of one skeleton.")
    return found


def _sources(sources: Sequence[PoseTrack]) -> dict[str, Any]:
    return {"skeleton": _skeleton(sources[0].skeleton), "tracks": [_kind(one) for one in sources]}


def _skeleton(skeleton: Skeleton) -> dict[str, Any]:
    names = ("name", "keypoints", "bones", "derived")
    own: dict[str, Any] = {} if skeleton.pairs is None else {"pairs": skeleton.pairs}
    own |= {"sigmas": dict(skeleton.sigmas)} if skeleton.sigmas else {}
    return {name: getattr(skeleton, name) for name in names} | own


def _kind(one: PoseTrack | Detections) -> dict[str, Any]:
    """Return what numbers mean, and which there are beside pixels."""
    return {"meaning": asdict(one.meaning), "has": [name for name in OPTIONAL if getattr(one, name) is not None]}


def _breaks(track: PoseTrack) -> dict[str, Any]:
    """Return the rows at which another person begins; left out where there are none, as in earlier files."""
    return {"breaks": list(track.breaks)} if track.breaks else {}


def arrays(extraction: Extraction) -> Iterable[Member]:
    """Yield every array."""
    import numpy as np

    tracks, clock, sources = extraction.tracks, extraction.clock, sources_of(extraction)
    yield "ids", "<i8", (len(tracks),), [np.array([t.id for t in tracks])]
    yield "indices", "<i8", clock.indices.shape, [clock.indices]
    yield "times", "<f8", clock.times.shape, [clock.times]
    if clock.moments is not None:
        yield "moments", "<f8", clock.moments.shape, [clock.moments]
    yield from _stacked(tracks, extraction.skeleton, len(clock))
    if sources:
        yield from _stacked(sources, sources[0].skeleton, len(clock), SOURCE)
    if extraction.detections is not None:
        yield from _everybody(extraction.detections)


def _stacked(tracks: Sequence[PoseTrack], skeleton: Skeleton, rows: int, prefix: str = "") -> Iterable[Member]:
    points = len(skeleton)
    yield _keypoints(skeleton, prefix)
    shapes: dict[str, tuple[int, ...]] = {"xy": (points, 2), "scores": (points,), "boxes": (4,), "box_scores": ()}
    shapes |= {"valid": (), "made": (), "xyz": (points, 3), "depth": (points,)}
    for name, shape in shapes.items():
        if name in OPTIONAL and all(getattr(t, name) is None for t in tracks):
            continue
        dtype = "|b1" if name in ("valid", "made") else "<f4"
        parts = (_part(t, name, (rows, *shape)) for t in tracks)
        yield prefix + name, dtype, (len(tracks), rows, *shape), parts


def _everybody(seen: Detections) -> Iterable[Member]:
    yield _keypoints(seen.skeleton, DETECTIONS)
    for name in (*SEEN, *OPTIONAL):
        array = getattr(seen, name)
        if array is not None:
            dtype = "<i8" if name in ("rows", "offsets", "tracks") else "<f4"
            yield DETECTIONS + name, dtype, array.shape, [array]


def _keypoints(skeleton: Skeleton, prefix: str) -> Member:
    import numpy as np

    names = np.array(skeleton.keypoints, dtype=np.str_)
    return f"{prefix}keypoints", names.dtype.str, names.shape, [names]


def _part(track: PoseTrack, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    import numpy as np

    values: NDArray[Any] | None = getattr(track, name)
    return np.full(shape, np.nan, np.float32) if values is None else values
