from __future__ import annotations

import io
import struct

import pytest
from filmserver import mp4

from posecfg.downloads.mp4 import begins, is_whole


def test_a_real_film_is_whole_and_a_shorter_one_is_not(film):
    data = film.read_bytes()
    assert begins(data[:12])
    assert is_whole(io.BytesIO(data), len(data))
    for length in (0, 4, 20, len(data) // 2, len(data) - 1):
        assert not is_whole(io.BytesIO(data[:length]), length)


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">I4sQ", 1, b"mdat", 16 + 5) + b"media" + struct.pack(">I4s", 8, b"moov"),
        struct.pack(">I4s", 8, b"moov") + struct.pack(">I4s", 0, b"mdat") + b"media",
    ],
)
def test_lengths_may_be_long_or_left_out(data):
    assert is_whole(io.BytesIO(data), len(data))


@pytest.mark.parametrize("data", [struct.pack(">I4s", 3, b"mdat"), struct.pack(">I4s", 9, b"mdat"), mp4()[:-28]])
def test_boxes_that_cannot_be_are_no_film(data):
    assert not is_whole(io.BytesIO(data), len(data))


def test_a_file_of_heads_alone_takes_no_time():
    data = struct.pack(">I4s", 8, b"moov") + struct.pack(">I4s", 8, b"mdat") * 300_000
    assert not is_whole(io.BytesIO(data), len(data))
