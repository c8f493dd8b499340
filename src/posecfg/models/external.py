"""Files beside an ONNX graph that hold its tensors: found in the graph without a library, since they are weights too.

Only the fields of ONNX's protocol buffers on the way from a model to the locations of its tensors are looked at.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

# Field numbers by message; the values are messages again, or the entry that names a file.
_FIELDS: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "entry"},
}
_DEEPEST = 64
_LENGTH, _FIXED = 2, {1: 8, 5: 4}


class Unparsed(ValueError):
    """The file is no protocol buffer."""


def locations(graph: Path) -> tuple[str, ...]:
    """Return the names of the files that hold tensors of ``graph``, as it gives them, each once; () if unreadable."""
    try:
        with graph.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return tuple(sorted(set(_walk(data, 0, len(data), "model", 0))))
    except (Unparsed, OSError, ValueError):
        return ()  # the runtime says what is wrong with it


def beside(graph: Path, location: str) -> Path | None:
    """Return the file of a location, or None for one that leads out of the graph's own folder."""
    path = PurePosixPath(location)
    inside = bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\0" not in location
    target = graph.parent / location
    return target if inside and target.resolve().is_relative_to(graph.parent.resolve()) else None


def _walk(data: mmap.mmap, start: int, end: int, kind: str, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise Unparsed
    for number, begin, stop in _fields(data, start, end):
        inner = _FIELDS[kind].get(number)
        if inner == "entry":
            texts = {n: data[a:b].decode("utf-8", "replace") for n, a, b in _fields(data, begin, stop)}
            if texts.get(1) == "location":
                yield texts.get(2, "")
        elif inner is not None:
            yield from _walk(data, begin, stop, inner, depth + 1)


def _fields(data: mmap.mmap, place: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield number, beginning and end of every field with a length; the content of others is passed over."""
    while place < end:
        key, place = _varint(data, place, end)
        number, wire = key >> 3, key & 7
        if wire == _LENGTH:
            length, place = _varint(data, place, end)
            if place + length > end:
                raise Unparsed
            yield number, place, place + length
            place += length
        elif wire in _FIXED:
            place += _FIXED[wire]
        elif wire == 0:
            _, place = _varint(data, place, end)
        else:
            raise Unparsed


def _varint(data: mmap.mmap, place: int, end: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= end:
            raise Unparsed
        byte = data[place]
        value, place = value | (byte & 127) << shift, place + 1
        if byte < 128:
            return value, place
    raise Unparsed
