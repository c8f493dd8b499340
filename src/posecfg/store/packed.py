"""Flat arrays of numbers in a record: their type, their length, and their bytes, compressed, as text."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from typing import Any

TYPES = {"<f4": 4, "<f8": 8, "<i8": 8, "<u8": 8}
"""Types of numbers as NumPy writes them, little-endian, with their bytes."""
MOST = 1 << 26
"""Numbers that one array may have."""
_KEYS = {"type", "count", "zlib"}


def pack(array: Any) -> dict[str, Any]:
    """Return an array (N,) as JSON values; other types of numbers become the next wider one of ``TYPES``."""
    import numpy as np

    wide = {"f": "<f4" if array.dtype.itemsize <= 4 else "<f8", "u": "<u8", "i": "<i8", "b": "<i8"}
    if array.ndim != 1 or array.dtype.kind not in wide:
        raise ValueError(f"an array of numbers of shape (N,) was expected, not {array.dtype} of {array.shape}")
    kind = wide[array.dtype.kind]
    data = zlib.compress(np.ascontiguousarray(array, kind).tobytes(), 6)
    return {"type": kind, "count": len(array), "zlib": base64.b64encode(data).decode()}


def fits(data: Any) -> bool:
    """Tell whether ``data`` says that it is a packed array; only ``unpack`` knows whether it is sound."""
    if not isinstance(data, dict) or data.keys() != _KEYS or data["type"] not in TYPES:
        return False
    count = data["count"]
    return type(count) is int and 0 <= count <= MOST and isinstance(data["zlib"], str)


def unpack(data: Mapping[str, Any]) -> Any:
    """Return the array (N,); a ValueError says that it is damaged. No more is unpacked than its length says."""
    import numpy as np

    if not fits(data):
        raise ValueError("it is no packed array")
    size = data["count"] * TYPES[data["type"]]
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(base64.b64decode(data["zlib"], validate=True), size + 1)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise ValueError(f"its bytes cannot be read ({error})") from error
    if len(raw) != size or not unpacker.eof:
        raise ValueError(f"it has {len(raw):,} bytes, not {size:,}")
    return np.frombuffer(raw, data["type"])
