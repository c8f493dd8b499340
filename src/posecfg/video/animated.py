"""Tell pictures that move, which are played like films, from pictures of one frame."""

from __future__ import annotations

from pathlib import Path

from posecfg.errors import is_of_machine

# Bytes from the beginning in which the mark of an animation is: before it there are only small chunks of facts.
_HEAD = 1 << 16
# The mark of a GIF that is played again and again, behind its table of colours.
_LOOP = b"NETSCAPE2.0"
_COLOURS = 1 << 11
_PNG = b"\x89PNG\r\n\x1a\n"


def is_animated(path: Path) -> bool:
    """Tell by its content whether a file is an animated PNG, WebP or GIF; False where it is missing or refused.

    An error of the machine is raised: nothing is known of the file then.
    """
    try:
        with path.open("rb") as file:
            head = file.read(12)
            if head[:6] == b"GIF89a":
                return _LOOP in file.read(_COLOURS)
            if head[:8] == _PNG:
                return _png(head + file.read(_HEAD))
            if head[:4] == b"RIFF" and head[8:] == b"WEBP":
                return _webp(file.read(9))
    except OSError as error:
        if is_of_machine(error):
            raise
    return False


def _png(head: bytes) -> bool:
    """Tell whether an ``acTL`` chunk with more than one frame is before the pixels."""
    at = len(_PNG)
    while at + 8 <= len(head):
        length, kind = int.from_bytes(head[at : at + 4], "big"), head[at + 4 : at + 8]
        if kind == b"acTL":
            return int.from_bytes(head[at + 8 : at + 12], "big") > 1
        if kind == b"IDAT":
            return False
        at += length + 12
    return False


def _webp(head: bytes) -> bool:
    """Tell whether the flags of the extended header say that there is an animation."""
    return head[:4] == b"VP8X" and len(head) == 9 and bool(head[8] & 0x02)
