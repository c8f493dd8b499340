"""Tell whether memory ran out, which decoders report as damage."""

from __future__ import annotations

import mmap
from contextlib import suppress
from pathlib import Path

# Bytes that a decoder may ask for at once beside its picture.
_BESIDE = 64 << 20
_STATUS = Path("/proc/self/status")


def ran_out(picture: int) -> bool:
    """Tell whether an allocation for a picture of so many bytes may have failed in this process.

    The H.264 decoder, for one, calls its data invalid where it gets no memory. Where the process has a limit, its
    largest size so far tells whether the limit was near, even if memory is free again; otherwise a trial tells.
    """
    wanted = 2 * picture + _BESIDE
    return _is_near_limit(wanted) or not _is_granted(wanted)


def _is_near_limit(wanted: int) -> bool:
    try:
        import resource
    except ImportError:
        return False
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return limit != resource.RLIM_INFINITY and _peak() + wanted > limit


def _peak() -> int:
    """Return the largest size (bytes) that the memory of this process ever had, 0 where the system does not tell."""
    with suppress(OSError, ValueError):
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmPeak:"):
                return int(line.split()[1]) * 1024
    return 0


def _is_granted(wanted: int) -> bool:
    try:
        mmap.mmap(-1, wanted).close()
    except (OSError, MemoryError, ValueError):
        return False
    return True
