"""Resize pictures as Pillow's bilinear filter does, which Detectron2 uses: each new pixel is a weighted mean."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecfg.arrays import I64, U8

# Weights are whole multiples of 2 ** -22, as in Pillow.
_BITS = 22


def resampled(image: U8, width: int, height: int) -> U8:
    """Return ``image`` (H, W, C) uint8 as (height, width, C), along rows first, each time rounded to whole numbers."""
    import numpy as np

    if image.shape[1] != width:
        turned = _mixed(np.ascontiguousarray(image.swapaxes(0, 1)), width)
        image = np.ascontiguousarray(turned.swapaxes(0, 1))
    return image if image.shape[0] == height else _mixed(image, height)


def _mixed(image: U8, length: int) -> U8:
    """Return ``length`` rows, each the weighted mean of rows of ``image``."""
    import numpy as np

    first, weights = _weights(image.shape[0], length)
    flat = image.reshape(image.shape[0], -1)
    total = np.full((length, flat.shape[1]), 1 << (_BITS - 1), np.int32)
    part = np.empty_like(total)
    for tap, weight in enumerate(weights):
        rows = flat[np.minimum(first + tap, len(flat) - 1)]
        total += np.multiply(rows, weight[:, None], out=part, dtype=np.int32)
    total >>= _BITS
    # A sum of weights that are rounded may be 1 too large.
    mixed: U8 = np.clip(total, 0, 255).astype(np.uint8).reshape(length, *image.shape[1:])
    return mixed


@lru_cache(maxsize=8)
def _weights(old: int, new: int) -> tuple[I64, I64]:
    """Return the first row that each new row is made of (N,), and the weights (taps, N) of that one and the next."""
    import numpy as np

    scale = old / new
    reach = max(scale, 1.0)
    middles = (np.arange(new) + 0.5) * scale
    first = np.maximum((middles - reach + 0.5).astype(np.int64), 0)
    last = np.minimum((middles + reach + 0.5).astype(np.int64), old)
    taps = np.arange(2 * math.ceil(reach) + 1)[:, None]
    near = np.maximum(1 - np.abs((taps + first - middles + 0.5) / reach), 0)
    near[taps >= last - first] = 0
    shares = near / near.sum(axis=0)
    return first, (shares * (1 << _BITS) + 0.5).astype(np.int32)
