"""Read the size of a picture from its header, which decodes nothing."""

from __future__ import annotations

from collections.abc import Callable

from posecfg.video.source import Source

Size = tuple[int, int]
# Markers of JPEG that begin a frame and tell its size.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Markers that are looked at: a damaged file might have no end of them.
_MARKERS = 4096


def picture_size(file: Source) -> Size | None:
    """Return (width, height) in px of a PNG, JPEG, BMP, WebP or TIFF; None where the header does not tell."""
    head = file.read(32)
    for begins, reader in _KINDS:
        if head.startswith(begins):
            return reader(head, file)
    return None


def _png(head: bytes, file: Source) -> Size | None:
    return _pair(head[16:24], "big") if head[12:16] == b"IHDR" else None


def _bmp(head: bytes, file: Source) -> Size | None:
    if _number(head[14:18], "little") == 12:  # the first kind of header, of OS/2
        return _number(head[18:20], "little"), _number(head[20:22], "little")
    width, height = (int.from_bytes(head[at : at + 4], "little", signed=True) for at in (18, 22))
    return abs(width), abs(height)


def _webp(head: bytes, file: Source) -> Size | None:
    match head[12:16]:
        case b"VP8X":
            return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
        case b"VP8 ":
            width, height = _pair(head[26:28] + b"\0\0" + head[28:30] + b"\0\0", "little")
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def _jpeg(head: bytes, file: Source) -> Size | None:
    at = 2
    for _ in range(_MARKERS):
        file.seek(at)
        part = file.read(9)
        if len(part) < 9 or part[0] != 0xFF:
            return None
        if part[1] in _FRAMES:
            return int.from_bytes(part[7:9], "big"), int.from_bytes(part[5:7], "big")
        # Markers are padded with 0xFF.
        at += 1 if part[1] == 0xFF else 2 + int.from_bytes(part[2:4], "big")
    return None


def _tiff(head: bytes, file: Source) -> Size | None:
    order: str = "little" if head[:2] == b"II" else "big"
    file.seek(_number(head[4:8], order))
    found: dict[int, int] = {}
    for _ in range(_number(file.read(2), order)):
        entry = file.read(12)
        tag, kind = _number(entry[:2], order), _number(entry[2:4], order)
        found[tag] = _number(entry[8:10] if kind == 3 else entry[8:12], order)
        if len(entry) < 12:
            break
    return (found[256], found[257]) if {256, 257} <= found.keys() else None


def _number(data: bytes, order: str) -> int:
    return int.from_bytes(data, "little" if order == "little" else "big")


def _pair(data: bytes, order: str) -> Size:
    return _number(data[:4], order), _number(data[4:], order)


_KINDS: tuple[tuple[bytes, Callable[[bytes, Source], Size | None]], ...] = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8", _jpeg),
    (b"BM", _bmp),
    (b"RIFF", _webp),
    (b"II*\0", _tiff),
    (b"MM\0*", _tiff),
)
