"""Write ONNX graphs: the few messages of their format that a network of plain layers needs."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Value = int | float | str | Sequence[int]

OPSET, IR = 17, 8
_FLOAT = 1
_TYPES = {"float32": _FLOAT, "int64": 7}
_REAL, _INT, _STRING, _INTS = 1, 2, 3, 7


class Graph:
    """A graph whose inputs and outputs are float32; a text as length stands for one that is left open."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[bytes] = []
        self._arrays: list[bytes] = []
        self._count = 0

    def array(self, values: NDArray[Any]) -> str:
        """Add constant values, and return their name."""
        import numpy as np

        name = self._next("c")
        body = b"".join(_int(1, length) for length in values.shape) + _int(2, _TYPES[values.dtype.name])
        data = np.ascontiguousarray(values).tobytes()
        self._arrays.append(body + _bytes(8, name.encode()) + _bytes(9, data))
        return name

    def node(self, kind: str, *inputs: str, **attributes: Value) -> str:
        """Add a node with one output, and return its name; "" stands for an input that is left out."""
        return self.nodes(1, kind, *inputs, **attributes)[0]

    def nodes(self, count: int, kind: str, *inputs: str, **attributes: Value) -> list[str]:
        """Add a node with ``count`` outputs, and return their names."""
        names = [self._next("t") for _ in range(count)]
        body = b"".join(_bytes(1, one.encode()) for one in inputs) + b"".join(_bytes(2, n.encode()) for n in names)
        body += _bytes(3, names[0].encode()) + _bytes(4, kind.encode())
        body += b"".join(_bytes(5, _attribute(key, value)) for key, value in attributes.items())
        self._nodes.append(body)
        return names

    def bytes(self, takes: Mapping[str, Sequence[int | str]], gives: Mapping[str, Sequence[int | str]]) -> bytes:
        """Return the file; ``takes`` and ``gives`` are the names and shapes of inputs and outputs."""
        graph = b"".join(_bytes(1, node) for node in self._nodes) + _bytes(2, self._name.encode())
        graph += b"".join(_bytes(5, array) for array in self._arrays)
        graph += b"".join(_bytes(11, port) for port in _ports(takes)) + b"".join(_bytes(12, p) for p in _ports(gives))
        return _int(1, IR) + _bytes(2, b"posecfg") + _bytes(7, graph) + _bytes(8, _int(2, OPSET))

    def _next(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"


def _ports(ports: Mapping[str, Sequence[int | str]]) -> Iterable[bytes]:
    for name, shape in ports.items():
        lengths = b"".join(_bytes(1, _bytes(2, n.encode()) if isinstance(n, str) else _int(1, n)) for n in shape)
        tensor = _int(1, _FLOAT) + _bytes(2, lengths)
        yield _bytes(1, name.encode()) + _bytes(2, _bytes(1, tensor))


def _attribute(name: str, value: Value) -> bytes:
    begin = _bytes(1, name.encode())
    if isinstance(value, int):
        return begin + _int(3, value) + _int(20, _INT)
    if isinstance(value, float):
        return begin + _varint(2 << 3 | 5) + struct.pack("<f", value) + _int(20, _REAL)
    if isinstance(value, str):
        return begin + _bytes(4, value.encode()) + _int(20, _STRING)
    return begin + b"".join(_int(8, one) for one in value) + _int(20, _INTS)


def _int(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value & 0xFFFFFFFFFFFFFFFF)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
