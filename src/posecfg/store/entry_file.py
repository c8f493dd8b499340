"""Entries of the memory as bytes: a checksum, a header of JSON values, and arrays, read without trusting any of it."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from posecfg import budgets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]

MAGIC = b"posecfg remembered 1\n"
"""What a file begins with; the number is that of the format."""
_DIGEST = 32
_LENGTH = struct.Struct("<Q")
_DTYPES = ("<f4", "<f8", "<i8")


class Damaged(ValueError):
    """A file that is no entry, or not as it was written."""


def pack(header: Mapping[str, Any], arrays: Arrays) -> list[bytes | memoryview]:
    """Return an entry in parts, to be written one after another."""
    import numpy as np

    told: list[Any] = []
    parts: list[bytes | memoryview] = []
    for name, array in arrays.items():
        plain = np.asarray(array, order="C")
        if plain.dtype.str not in _DTYPES:
            raise TypeError(f"Expected '{name}' to have one of {', '.join(_DTYPES)}, but got {plain.dtype.str}.")
        told.append([name, plain.dtype.str, list(plain.shape)])
        parts.append(plain.reshape(-1).view(np.uint8).data if plain.size else b"")
    text = json.dumps({**header, "arrays": told}, sort_keys=True, separators=(",", ":")).encode()
    parts = [_LENGTH.pack(len(text)), text, *parts]
    return [MAGIC, _digest(parts), *parts]


def unpack(content: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return header and arrays, which cannot be changed; raise ``Damaged`` where a byte is not as it was written."""
    begin = len(MAGIC) + _DIGEST
    body = memoryview(content)[begin:]
    if not content.startswith(MAGIC) or len(body) < _LENGTH.size:
        raise Damaged("it is no entry of this version")
    if _digest([body]) != content[len(MAGIC) : begin]:
        raise Damaged("its checksum is another one")
    (length,) = _LENGTH.unpack(body[: _LENGTH.size])
    try:
        header = json.loads(bytes(body[_LENGTH.size : _LENGTH.size + length]))
        return header, _arrays(header.pop("arrays"), body[_LENGTH.size + length :])
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise Damaged(f"its header is wrong: {error}") from error


def head(stream: BinaryIO) -> dict[str, Any]:
    """Return the header alone, of which no checksum tells whether it is right; raise ``Damaged`` where it is none."""
    begin = stream.read(len(MAGIC) + _DIGEST + _LENGTH.size)
    if not begin.startswith(MAGIC) or len(begin) < len(MAGIC) + _DIGEST + _LENGTH.size:
        raise Damaged("it is no entry of this version")
    (length,) = _LENGTH.unpack(begin[-_LENGTH.size :])
    try:
        found = json.loads(stream.read(min(length, budgets.RECORD)))
    except (ValueError, RecursionError) as error:
        raise Damaged(f"its header is wrong: {error}") from error
    if not isinstance(found, dict):
        raise Damaged("its header is wrong")
    return found


def _arrays(told: Any, rest: memoryview) -> dict[str, NDArray[Any]]:
    import numpy as np

    found, at = {}, 0
    for name, kind, shape in told:
        if kind not in _DTYPES or not all(type(side) is int and 0 <= side < 2**40 for side in shape):
            raise Damaged("it tells of arrays that cannot be")
        size = math.prod(shape) * int(kind[2])
        if size > len(rest) - at:
            raise Damaged("it is shorter than it tells")
        found[str(name)] = np.frombuffer(rest[at : at + size], kind).reshape(shape)
        at += size
    if at != len(rest):
        raise Damaged("it is longer than it tells")
    return found


def _digest(parts: list[Any]) -> bytes:
    found = hashlib.blake2b(digest_size=_DIGEST)
    for part in parts:
        found.update(part)
    return found.digest()
