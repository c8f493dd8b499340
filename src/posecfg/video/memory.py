"""Tell whether memory ran out, which decoders report as damage."""

from __future__ import annotations

import mmap

# Bytes that a decoder may ask for at once beside its picture.
_BESIDE = 64 << 20


def ran_out(picture: int) -> bool:
    """Tell whether an allocation for a picture of so many bytes may have failed in this process just now.

    The H.264 decoder, for one, calls its data invalid where it gets no memory. A trial that asks for some times as much
    tells, as it meets the same limits of the process and of the system. What the process held at other times tells
    nothing: one large mapping long ago would make a damaged film look like want of memory for ever.
    """
    try:
        mmap.mmap(-1, 2 * picture + _BESIDE).close()
    except (OSError, MemoryError, ValueError):
        return True
    return False
