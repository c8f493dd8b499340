"""Write NumPy's arrays of Python objects, for programs that expect them, such that any version of NumPy reads them.

NumPy keeps such arrays as pickles, in which it names modules of its own: files of version 2 cannot be read by early
versions 1. Here the pickle is written opcode by opcode, with the names that all versions know. Equal values give equal
bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RECONSTRUCT = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tC\x01bt"
_KINDS = {"f4": b"<", "f8": b"<", "i8": b"<", "O8": b"|"}
_BUILD_OBJECTS = b"K\x3f"  # the flags of a type whose items are references


@dataclass(frozen=True)
class Objects:
    """An array of objects: its shape, and its items in order."""

    shape: tuple[int, ...]
    items: Sequence[Any]


def write_objects(stream: IO[bytes], array: Objects) -> None:
    """Write an array as ``numpy.save`` would."""
    import numpy as np

    np.lib.format.write_array_header_1_0(stream, {"descr": "|O", "fortran_order": False, "shape": array.shape})
    stream.write(b"\x80\x03")
    for piece in _value(array):
        stream.write(piece)
    stream.write(b".")


def _value(value: Any) -> Iterator[bytes]:
    """Yield the opcodes that make a value."""
    if value is None or isinstance(value, bool | int | float | str):
        yield _plain(value)
    elif isinstance(value, Mapping):
        yield b"}("
        for key, one in value.items():
            yield from _value(key)
            yield from _value(one)
        yield b"u"
    elif isinstance(value, Objects):
        yield from _array(value.shape, "O8", _value(list(value.items)))
    elif isinstance(value, list):
        yield b"]("
        for one in value:
            yield from _value(one)
        yield b"e"
    else:
        yield from _numbers(value)


def _plain(value: bool | int | float | str | None) -> bytes:
    if value is None or isinstance(value, bool):
        return {None: b"N", True: b"\x88", False: b"\x89"}[value]
    if isinstance(value, int):
        return b"J" + struct.pack("<i", value)
    if isinstance(value, float):
        return b"G" + struct.pack(">d", value)
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def _numbers(array: NDArray[Any]) -> Iterator[bytes]:
    import numpy as np

    kind = array.dtype.str.lstrip("<|=")
    data = np.ascontiguousarray(array).astype(f"<{kind}", copy=False).tobytes()
    yield from _array(array.shape, kind, iter([b"B" + struct.pack("<I", len(data)), data]))


def _array(shape: Sequence[int], kind: str, content: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the opcodes of an array: an empty one, to which shape, type and content are given."""
    flags = b"J\xff\xff\xff\xff" * 2 + (_BUILD_OBJECTS if kind == "O8" else b"K\x00")
    order = _KINDS[kind]
    yield _RECONSTRUCT + b"R(K\x01("
    yield from (b"J" + struct.pack("<i", length) for length in shape)
    yield b"t" + b"cnumpy\ndtype\n(" + b"X" + struct.pack("<I", len(kind)) + kind.encode()
    yield b"\x89\x88tR(K\x03X" + struct.pack("<I", 1) + order + b"NNN" + flags + b"tb\x89"
    yield from content
    yield b"tb"
