"""The size of a picture from its header alone."""

import struct

import pytest
from films import pictures

from posecfg.video.picture_size import picture_size
from posecfg.video.source import Source


def size_of(path):
    with Source(path, "picture") as source:
        return picture_size(source)


@pytest.mark.parametrize("kind", ["png", "jpg", "bmp", "tiff"])
@pytest.mark.parametrize("size", [(96, 64), (300, 22)])
def test_headers_tell_the_size(tmp_path, kind, size):
    assert size_of(pictures(tmp_path, [f"a.{kind}"], size) / f"a.{kind}") == size


def riff(kind, body):
    return b"RIFF" + struct.pack("<I", 22 + len(body)) + b"WEBP" + kind + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    "data",
    [
        riff(b"VP8X", b"\0\0\0\0" + (299).to_bytes(3, "little") + (21).to_bytes(3, "little")),
        riff(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 300, 22)),
        riff(b"VP8L", b"\x2f" + struct.pack("<I", 299 | 21 << 14) + bytes(9)),
        b"BM" + bytes(12) + struct.pack("<IHH", 12, 300, 22),
        b"BM" + bytes(12) + struct.pack("<Iii", 40, 300, -22),
        b"MM\0*" + struct.pack(">IHHHIIHHIHH", 8, 2, 256, 4, 1, 300, 257, 3, 1, 22, 0),
        b"\xff\xd8\xff\xff\xff\xe0\0\4ab\xff\xc2\0\x0b\x08" + struct.pack(">HH", 22, 300) + bytes(9),
    ],
)
def test_rarer_headers(tmp_path, data):
    (tmp_path / "picture").write_bytes(data)
    assert size_of(tmp_path / "picture") == (300, 22)


@pytest.mark.parametrize(
    "data",
    [
        *(
            b"",
            b"GIF89a",
            b"\x89PNG\r\n\x1a\nxxxxxxxxyyyy",
            b"\xff\xd8" + b"\xff" * 70_000,
            b"\xff\xd8\xff\xe0\0\0" * 9,
        ),
        *(b"RIFFxxxxWEBPwhat", b"II*\0" + b"\xff" * 4, b"II*\0\x08\0\0\0\xff\xff\0"),
    ],
)
def test_what_tells_no_size_ends_at_once(tmp_path, data):
    (tmp_path / "picture").write_bytes(data)
    assert size_of(tmp_path / "picture") is None
