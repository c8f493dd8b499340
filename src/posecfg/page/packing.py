"""Arrays of numbers as short texts of JSON: whole numbers of steps, deflated, in base64.

A packed array is ``{"shape", "scale", "zero", "kind", "data"}``. A value is ``zero + scale * number``. Numbers of the
kinds i16 and i32 are stored as differences along the first axis, modulo 2^16 and 2^32; those of u8 and f32 as they are.
The numbers -32768 (i16) and 255 (u8) stand for missing values.
"""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Packed = dict[str, Any]

LEVEL = 6
# The largest number of steps up and down, and the number that stands for a missing value.
_MOST, _MISSING = 32767, -32768
_SHARES, _NO_SHARE = 254, 255


def points(values: NDArray[Any], step: float) -> Packed:
    """Pack coordinates (T, ...) as i16, to within half a ``step``; in larger steps where their range needs them."""
    exact = np.asarray(values, np.float64)
    known = np.isfinite(exact)
    low, high = (float(exact[known].min()), float(exact[known].max())) if known.any() else (0.0, 0.0)
    zero, scale = (low + high) / 2, max(step, (high - low) / (2 * _MOST))
    numbers = np.full(exact.shape, _MISSING, np.int16)
    steps = np.rint((exact[known] - zero) / scale)
    numbers[known] = np.clip(steps, -_MOST, _MOST).astype(np.int16)
    return _packed("i16", _differences(numbers.view(np.uint16)), exact.shape, scale, zero)


def scores(values: NDArray[Any]) -> Packed:
    """Pack scores (T, K) as u8: in 254 steps from 0 to 1, or over a wider range where theirs is wider."""
    exact = np.asarray(values, np.float64)
    known = np.isfinite(exact)
    low, high = (float(exact[known].min()), float(exact[known].max())) if known.any() else (0.0, 1.0)
    low, high = min(low, 0.0), max(high, 1.0)
    numbers = np.full(exact.shape, _NO_SHARE, np.uint8)
    numbers[known] = np.rint((exact[known] - low) / (high - low) * _SHARES).astype(np.uint8)
    return _packed("u8", numbers, exact.shape, (high - low) / _SHARES, low)


def floats(values: NDArray[Any]) -> Packed:
    """Pack numbers as f32."""
    numbers = np.asarray(values).astype("<f4")
    return _packed("f32", numbers, numbers.shape, 1.0, 0.0)


def integers(values: NDArray[Any]) -> Packed:
    """Pack whole numbers below 2^31 as i32."""
    numbers = np.asarray(values).astype(np.int32)
    return _packed("i32", _differences(numbers.view(np.uint32)), numbers.shape, 1.0, 0.0)


def _differences(numbers: NDArray[Any]) -> NDArray[Any]:
    """Return what is added to each row to get the next, beginning with the first; unsigned numbers wrap around."""
    found = numbers.copy()
    found[1:] -= numbers[:-1]
    return found


def _packed(kind: str, numbers: NDArray[Any], shape: tuple[int, ...], scale: float, zero: float) -> Packed:
    little = np.ascontiguousarray(numbers).astype(numbers.dtype.newbyteorder("<"), copy=False)
    maker = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = maker.compress(little.tobytes()) + maker.flush()
    text = base64.b64encode(data).decode("ascii")
    return {"shape": list(shape), "scale": scale, "zero": zero, "kind": kind, "data": text}
