"""Read one result file with code that is independent of the writers."""

from __future__ import annotations

import csv
import json
import math
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg import budgets
from posecfg.errors import PosecfgError
from posecfg.review import objects

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Characters that are read at a time: a longer line of a table is none of ours, and is read as several.
LONGEST = 1 << 20
KINDS = (".npy", ".npz", ".csv", ".json", ".trc")
DAMAGE = (
    *(OSError, ValueError, EOFError, LookupError, TypeError, ArithmeticError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, csv.Error),
    # A damaged header can declare an array larger than memory.
    MemoryError,
)


@dataclass(frozen=True)
class Content:
    """The content of a file; ``error`` says why it could not be read. ``missing`` counts rows without any data.

    ``nans`` and ``infinite`` count numbers; ``finite`` and ``outside`` (of 0 to 1) do so by channel, the last axis.
    """

    shape: tuple[int, ...] = ()
    dtype: str = ""
    rows: int | None = None
    missing: int = 0
    nans: int = 0
    infinite: int = 0
    finite: tuple[int, ...] = ()
    outside: tuple[int, ...] = ()
    error: str = ""


def look(path: Path) -> Content:
    """Read the file at ``path`` by its suffix; return an empty ``Content`` for an unknown one."""
    readers = {".npy": _npy, ".npz": _npz, ".csv": _csv, ".json": _json, ".trc": _trc}
    try:
        return readers[path.suffix](path) if path.suffix in readers else Content()
    except PosecfgError as error:
        return Content(error=f"is not read, since {error}")
    except DAMAGE as error:
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "pickle" in text:  # what NumPy advises then is not safe
            text = "it holds Python objects, or is no array at all"
        return Content(error=f"cannot be read ({text})")


def _npy(path: Path) -> Content:
    import numpy as np

    budgets.check_npy(path)
    with path.open("rb") as stream:
        array = np.load(stream, allow_pickle=False)
        if stream.read(1):
            return Content(error="has bytes behind its array")
    if not isinstance(array, np.ndarray) or array.ndim == 0:
        return Content(error="does not hold an array of rows")
    if array.dtype.kind not in "biuf":
        return Content(error=f"holds no numbers ({array.dtype})")
    flat = array.reshape(len(array), math.prod(array.shape[1:]))
    number = np.issubdtype(array.dtype, np.floating)
    lost = (np.isnan(flat) | (flat == 0)).all(axis=1) if number else (flat == 0).all(axis=1)
    found = Content(array.shape, str(array.dtype), len(array), int(lost.sum()))
    return replace(found, **_numbers(array)) if number else found


def _numbers(array: NDArray[Any]) -> dict[str, Any]:
    """Count NaN, infinite numbers, and numbers outside 0 to 1."""
    import numpy as np

    nans = int(np.isnan(array).sum())
    channels = array.reshape(math.prod(array.shape[:-1]), array.shape[-1])
    finite = np.isfinite(channels)
    outside = finite & ((channels < 0) | (channels > 1))
    return {
        "nans": nans,
        "infinite": array.size - nans - int(finite.sum()),
        "finite": tuple(finite.sum(axis=0).tolist()),
        "outside": tuple(outside.sum(axis=0).tolist()),
    }


def _npz(path: Path) -> Content:
    import numpy as np

    if objects.are_in(path):
        return _objects(path)
    with budgets.npz(path) as archive:
        names = [name for name in archive.files if not name.endswith(".json")]
        arrays: dict[str, Any] = {name: archive[name] for name in names}
        torn = archive.zip.testzip()
    if torn is not None:
        return Content(error=f"cannot be read ({torn} in it is damaged)")
    xy = next((array for name, array in arrays.items() if name.endswith("xy")), None)
    if xy is None or xy.ndim != 4 or xy.dtype.kind != "f":
        return Content(() if xy is None else xy.shape, "npz")
    # (P, T, K, 2): a row is missing if it has no keypoint of any person.
    lost = np.isnan(xy).all(axis=(0, 2, 3))
    return Content(xy.shape, "npz", rows=xy.shape[1], missing=int(lost.sum()), nans=int(np.isnan(xy).sum()))


def _objects(path: Path) -> Content:
    """Check a file of ``writer=videopose3d``: the pixels of every row, or boxes and keypoints of everybody in each."""
    found = objects.read(path)
    try:
        return _videopose3d(found)
    except (AttributeError, TypeError, LookupError, ValueError):
        return Content(error="holds Python objects that are not laid out as VideoPose3D's")


def _videopose3d(found: dict[str, list[Any]]) -> Content:
    if "positions_2d" in found:
        films = [array for one in found["positions_2d"][0].values() for array in one["custom"]]
        shapes = {array.shape for array in films}
        nans = sum(int((array != array).sum()) for array in films)
        return Content(shapes.pop() if len(shapes) == 1 else (), "npz", nans=nans)
    pairs = zip(found["boxes"], found["keypoints"], strict=True)
    if any(len(box[1]) != len(points[1]) for box, points in pairs):
        return Content(error="has boxes and keypoints of different numbers of people")
    return Content((len(found["boxes"]),), "npz")


def _csv(path: Path) -> Content:
    with path.open(newline="", encoding="utf-8") as stream:
        reader = csv.reader(iter(lambda: stream.readline(LONGEST), ""))
        head = next(reader, None)
        if head is None:
            return Content(error="is empty")
        lines = 0
        for number, row in enumerate(reader, 2):
            if len(row) != len(head):
                return Content(error=f"line {number} has {len(row)} fields instead of {len(head)}")
            if "nan" in row:
                return Content(error=f"line {number} holds nan, where a missing value is an empty field")
            lines += 1
    return Content((lines, len(head)), "csv")


def _trc(path: Path) -> Content:
    """Count the rows and markers of an OpenSim file, and compare them with what its header says."""
    with path.open(newline="", encoding="utf-8") as stream:
        lines = iter(lambda: stream.readline(LONGEST).rstrip("\r\n"), "")
        kind, names, values, _, axes = (next(lines, "") for _ in range(5))
        if not kind.startswith("PathFileType"):
            return Content(error="does not begin with PathFileType")
        said = dict(zip(names.split("\t"), values.split("\t"), strict=False))
        rows, markers = int(said["NumFrames"]), int(said["NumMarkers"])
        stream.readline()
        cells = Counter(line.count("\t") for line in lines)
    if cells != Counter({3 * markers + 2: rows}) or axes.strip("\t").count("\t") + 1 != 3 * markers:
        return Content(error=f"has other rows or columns than its header says ({rows} of {markers} markers)")
    return Content((rows, markers, 3), "trc")


def _json(path: Path) -> Content:
    budgets.check(path, budgets.TEXT * path.stat().st_size)
    with path.open(encoding="utf-8") as stream:
        document = json.load(stream, parse_constant=_refuse)
    if not (isinstance(document, dict) and {"keypoint_format", "frames"} <= set(document)):
        return Content((), "json")
    try:
        return _frames(document["keypoint_format"], document["frames"])
    except (AttributeError, TypeError, LookupError):
        return Content(error="is not laid out as assets/frames.schema.json says")


def _frames(names: list[str], frames: list[dict[str, Any]]) -> Content:
    """Check a file of ``writer=json``: every person's keypoints are those of the format, in its order."""
    for number, frame in enumerate(frames):
        for person in frame.get("people", [frame]):
            if [point["name"] for point in person["keypoints"]] != names:
                return Content(error=f"entry {number} of frames lists other keypoints than keypoint_format")
    return Content((len(frames), len(names)), "json")


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no JSON value")
