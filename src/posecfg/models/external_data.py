"""Files beside an ONNX graph that hold its weights: found in the graph without the package onnx, and kept in place."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from pathlib import Path

# Fields of ONNX's messages that lead to tensors, by the message's name; a tensor's field 13 lists its external data.
_FIELDS = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "entry"},
}
_LONGEST = 4096
_FIXED = {1: 8, 5: 4}


def locations(graph: Path) -> list[str]:
    """Return the names of files that ``graph`` wants to read; raise ``ValueError`` for a file that is no ONNX graph."""
    if not graph.is_file() or not graph.stat().st_size:
        return []
    with graph.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found: dict[str, None] = {}
        waiting = [("model", 0, len(data))]
        while waiting:
            kind, start, end = waiting.pop()
            if kind == "entry":
                found |= dict.fromkeys(_location(data, start, end))
                continue
            for number, begin, stop in _parts(data, start, end):
                if number in _FIELDS[kind]:
                    waiting.append((_FIELDS[kind][number], begin, stop))
        return list(found)


def beside(graph: Path, name: str) -> Path | None:
    """Return the path of one of ``locations``, or None if it leads out of the folder of ``graph``."""
    if not name or os.path.isabs(name) or ".." in name.replace("\\", "/").split("/") or "\0" in name:
        return None
    path, folders = graph.parent / name, {os.path.realpath(graph.parent), os.path.dirname(os.path.realpath(graph))}
    real = os.path.realpath(path)
    return path if any(real.startswith(os.path.join(folder, "")) for folder in folders) else None


def outside(graph: Path) -> str | None:
    """Return the first name among ``locations`` that is no file in the folder of ``graph``, or below it."""
    for name in locations(graph):
        path = beside(graph, name)
        if path is None or not path.is_file():
            return name
    return None


def _location(data: mmap.mmap, start: int, end: int) -> Iterator[str]:
    """Yield the location that an entry of external data names: a key and a value."""
    texts: dict[int, list[bytes]] = {}
    for number, begin, stop in _parts(data, start, end):
        texts.setdefault(number, []).append(data[begin : min(stop, begin + _LONGEST)])
    if b"location" in texts.get(1, []):
        yield from (text.decode("utf-8", "surrogateescape") for text in texts.get(2, [b""]))


def _parts(data: mmap.mmap, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield the number, start and end of every part of a message that is a text or a message itself."""
    while start < end:
        tag, start = _number(data, start, end)
        kind = tag & 7
        if kind == 0:
            _, start = _number(data, start, end)
        elif kind in _FIXED:
            start += _FIXED[kind]
        elif kind == 2:
            length, start = _number(data, start, end)
            if length > end - start:
                raise ValueError("a part of it is longer than the whole")
            yield tag >> 3, start, start + length
            start += length
        else:
            raise ValueError(f"a part of it is of kind {kind}")
    if start > end:
        raise ValueError("it ends within a number")


def _number(data: mmap.mmap, start: int, end: int) -> tuple[int, int]:
    """Return the variable-length number at ``start``, and where it ends."""
    value = 0
    for place in range(10):
        if start + place >= end:
            raise ValueError("it ends within a number")
        byte = data[start + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            # The tag of a field has 32 bits; a length beyond the file is refused where it is used.
            return value, start + place + 1
    raise ValueError("a number in it is too long")
