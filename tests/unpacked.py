"""Undo ``posecfg.page.packing``, as the script of the page does."""

from __future__ import annotations

import base64
import zlib

import numpy as np

KINDS = {"i16": "<i2", "u8": "|u1", "i32": "<i4", "f32": "<f4"}
MISSING = {"i16": -32768, "u8": 255}


def unpack(packed):
    """Return the values as float64."""
    data = zlib.decompress(base64.b64decode(packed["data"], validate=True), -zlib.MAX_WBITS)
    numbers = np.frombuffer(data, KINDS[packed["kind"]]).reshape(packed["shape"])
    if packed["kind"] in ("i16", "i32"):
        numbers = np.cumsum(numbers, axis=0, dtype=numbers.dtype)
    values = packed["zero"] + packed["scale"] * numbers.astype(np.float64)
    if packed["kind"] in MISSING:
        values[numbers == MISSING[packed["kind"]]] = np.nan
    return values
