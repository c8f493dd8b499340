"""Whether an MP4 file is whole, as far as its outermost boxes tell."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import IO

from posecfg import budgets

HEAD = 12
"""Bytes from which ``begins`` can tell."""
_TO_THE_END, _LONG = 0, 1
# No film has more boxes; a file could be made of boxes that are nothing but heads.
_MOST = 100_000


def begins(head: bytes) -> bool:
    """Tell whether the first bytes of a file are those of an MP4."""
    return head[4:8] == b"ftyp"


def is_whole(stream: IO[bytes], size: int) -> bool:
    """Tell whether the boxes of a file of ``size`` bytes end where it does, and its index is among them."""
    place, kinds = 0, set[bytes]()
    for _ in range(_MOST):
        if place >= size:
            break
        stream.seek(place)
        head = stream.read(16)
        if len(head) < 8:
            return False
        length, kind = struct.unpack(">I4s", head[:8])
        if length == _LONG and len(head) == 16:
            (length,) = struct.unpack(">Q", head[8:])
        elif length == _TO_THE_END:
            length = size - place
        if length < 8:
            return False
        kinds.add(kind)
        place += length
    return place == size and {b"moov", b"mdat"} <= kinds


def is_whole_file(path: Path) -> bool:
    """Tell whether there is a regular file, which is whole."""
    try:
        with budgets.open_regular(path) as stream:
            return is_whole(stream, os.fstat(stream.fileno()).st_size)
    except (OSError, ValueError):
        return False
