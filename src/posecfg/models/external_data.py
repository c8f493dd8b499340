"""Files beside an ONNX graph that hold its weights: found in the graph without the package onnx, and kept in place."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

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
_PIECE = 1 << 16


class _Bytes:
    """Bytes of a file by their place, read in pieces: a mapped file on a disk that fails would end the process."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._begin, self._piece = file, 0, b""

    def __getitem__(self, place: int) -> int:
        """Return one byte."""
        if not self._begin <= place < self._begin + len(self._piece):
            self._begin, self._piece = place, self.cut(place, place + _PIECE)
        if not self._piece:
            raise ValueError("it became shorter while it was read")
        return self._piece[place - self._begin]

    def cut(self, begin: int, stop: int) -> bytes:
        """Return the bytes from ``begin`` to ``stop``, or to the end of the file."""
        self._file.seek(begin)
        return self._file.read(stop - begin)


def locations(graph: Path) -> list[str]:
    """Return the names of files that ``graph`` wants to read; raise ``ValueError`` for a file that is no ONNX graph."""
    if not graph.is_file():
        return []
    with graph.open("rb", buffering=0) as file:
        data = _Bytes(file)
        found: dict[str, None] = {}
        waiting = [("model", 0, os.fstat(file.fileno()).st_size)]
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


def _location(data: _Bytes, start: int, end: int) -> Iterator[str]:
    """Yield the location that an entry of external data names: a key and a value."""
    texts: dict[int, list[bytes]] = {}
    for number, begin, stop in _parts(data, start, end):
        texts.setdefault(number, []).append(data.cut(begin, min(stop, begin + _LONGEST)))
    if b"location" in texts.get(1, []):
        yield from (text.decode("utf-8", "surrogateescape") for text in texts.get(2, [b""]))


def _parts(data: _Bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
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


def _number(data: _Bytes, start: int, end: int) -> tuple[int, int]:
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
